import { useEffect, useRef } from 'react';
import type { Mark, Waveform } from './contacts';
import { bars, type Span } from './sound';
import classes from './contacts.module.css';

interface WaveformProps {
  readonly shape: Waveform;
  readonly pauses: readonly Span[];
  readonly marks: readonly Mark[];
  /** Milliseconds. */
  readonly at: number;
  readonly onSeek: (ms: number) => void;
}

const BAR = 3; // px from bar to bar
const GAP = 1; // px between bars
const LANE = 36; // px of each side

/** One lane for each side, what was played in colour; a click goes there. The slider below does the same for keyboards. */
export function WaveformView({ shape, pauses, marks, at, onSeek }: WaveformProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const target = canvas.current;
    if (target === null) return undefined;
    const redraw = () => draw(target, shape, pauses, at);
    redraw();
    const size = new ResizeObserver(redraw);
    size.observe(target);
    const theme = new MutationObserver(redraw);
    theme.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] });
    return () => {
      size.disconnect();
      theme.disconnect();
    };
  }, [shape, pauses, at]);
  const share = (ms: number) => `${(100 * ms) / Math.max(1, shape.duration_ms)}%`;
  return (
    <div className={classes.wave} aria-hidden>
      <canvas
        ref={canvas}
        style={{ height: LANE * shape.peaks.length }}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          onSeek(((event.clientX - box.left) / box.width) * shape.duration_ms);
        }}
      />
      {marks
        .filter((mark) => mark.kind === 'mark')
        .map((mark) => (
          <span key={mark.id ?? mark.at_ms} className={classes.pin} style={{ left: share(mark.at_ms) }} title={mark.text} />
        ))}
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, shape: Waveform, pauses: readonly Span[], at: number): void {
  const context = canvas.getContext('2d');
  const { clientWidth: width, clientHeight: height } = canvas;
  if (context === null || width === 0) return;
  const scale = window.devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name);
  const x = (ms: number) => (ms / Math.max(1, shape.duration_ms)) * width;
  context.fillStyle = colour('--warn-soft');
  for (const span of pauses) context.fillRect(x(span.from), 0, Math.max(2, x(span.to) - x(span.from)), height);
  const played = x(at);
  shape.peaks.forEach((side, lane) => {
    const middle = LANE * lane + LANE / 2;
    const own = colour(shape.sides[lane] === 'customer' ? '--state-ringing' : '--state-talking');
    bars(side, Math.floor(width / BAR)).forEach((value, index) => {
      const tall = Math.max(1, value * (LANE - 4));
      context.fillStyle = index * BAR <= played ? own : colour('--line-control');
      context.fillRect(index * BAR, middle - tall / 2, BAR - GAP, tall);
    });
  });
  context.fillStyle = colour('--text');
  context.fillRect(Math.min(width - 1, played), 0, 1, height);
}
