//! Sources on their way into ears.

use crate::api::Id;
use crate::sound::Source;

/// Milliseconds in a step.
const STEP_MS: u64 = 20;

/// Who hears a play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Slot(usize),
    Everybody,
}

#[derive(Debug)]
pub struct Play {
    pub id: Id,
    pub target: Target,
    pub source: Source,
    pub at_ms: u64,
    pub gain: f32,
    /// Gain in force at the end of the last frame; it glides from 0 at the start.
    pub gain_now: f32,
    /// Factor for the voices meanwhile.
    pub duck: f32,
    pub over: bool,
    /// Being taken away: glides to silence in its last frame.
    pub stopping: Option<&'static str>,
}

impl Play {
    pub fn is_for(&self, slot: usize) -> bool {
        self.target == Target::Everybody || self.target == Target::Slot(slot)
    }

    /// Factor for the voices of an ear that hears this play.
    pub fn voices(&self) -> f32 {
        match (self.stopping, self.over) {
            (Some(_), _) => 1.0,
            (None, true) => self.duck,
            (None, false) => 0.0,
        }
    }

    /// To be called once a step, before `fill`.
    pub fn pull(&mut self) {
        if let Source::Stream(pushed) = &mut self.source {
            pushed.pull();
        }
    }

    /// Writes the samples of this step at `rate`; `shared_ms` is the clock of shared loops.
    pub fn fill(&self, shared_ms: u64, rate: u32, out: &mut [i16]) {
        out.fill(0);
        let per_ms = u64::from(rate / 1000);
        match &self.source {
            Source::Silence { .. } => {}
            Source::Stream(pushed) => out.copy_from_slice(pushed.at(rate)),
            Source::SharedLoop(clip) => {
                let samples = clip.at(rate);
                let start = (shared_ms * per_ms) as usize % samples.len().max(1);
                for (slot, sample) in out.iter_mut().zip(samples.iter().cycle().skip(start)) {
                    *slot = *sample;
                }
            }
            Source::Clips { clips, repeat } => {
                let once: usize = clips.iter().map(|clip| clip.at(rate).len()).sum();
                let mut at = (self.at_ms * per_ms) as usize;
                let end = if *repeat == 0 { usize::MAX } else { once * *repeat as usize };
                let mut filled = 0;
                while once > 0 && filled < out.len() && at < end {
                    let (clip, offset) = locate(clips.iter().map(|c| c.at(rate)), at % once);
                    let count = (clip.len() - offset).min(out.len() - filled);
                    out[filled..filled + count].copy_from_slice(&clip[offset..offset + count]);
                    filled += count;
                    at += count;
                }
            }
        }
    }

    /// Goes on by one step; true when the source has ended.
    pub fn advance(&mut self) -> bool {
        self.at_ms += STEP_MS;
        self.gain_now = self.gain;
        match &self.source {
            Source::Stream(pushed) => pushed.has_ended(),
            source => source.duration_ms().is_some_and(|duration| self.at_ms >= duration),
        }
    }
}

fn locate<'a>(clips: impl Iterator<Item = &'a [i16]>, at: usize) -> (&'a [i16], usize) {
    let mut start = 0;
    for clip in clips {
        if at < start + clip.len() {
            return (clip, at - start);
        }
        start += clip.len();
    }
    (&[], 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::Clip;
    use std::sync::Arc;

    fn clip(value: i16, ms: usize) -> Arc<Clip> {
        Arc::new(Clip { at_8k: vec![value; ms * 8].into(), at_16k: vec![value; ms * 16].into() })
    }

    fn play(source: Source) -> Play {
        Play {
            id: serde_json::from_str("\"p\"").unwrap(),
            target: Target::Slot(0),
            source,
            at_ms: 0,
            gain: 1.0,
            gain_now: 0.0,
            duck: 1.0,
            over: false,
            stopping: None,
        }
    }

    fn steps(play: &mut Play, most: usize) -> Vec<i16> {
        let mut all = Vec::new();
        for _ in 0..most {
            let mut frame = [9; 160];
            play.fill(play.at_ms, 8000, &mut frame);
            all.extend(frame);
            if play.advance() {
                break;
            }
        }
        all
    }

    #[test]
    fn files_follow_each_other_without_a_gap_and_repeat() {
        let mut play = play(Source::Clips { clips: vec![clip(1, 30), clip(2, 25)], repeat: 2 });
        let heard = steps(&mut play, 100);
        let mut expected = [vec![1; 240], vec![2; 200], vec![1; 240], vec![2; 200]].concat();
        expected.resize(960, 0);
        assert_eq!(heard, expected);
    }

    #[test]
    fn a_repeat_of_zero_never_ends() {
        let mut play = play(Source::Clips { clips: vec![clip(1, 30)], repeat: 0 });
        assert_eq!(steps(&mut play, 50), vec![1; 8000]);
    }

    #[test]
    fn a_shared_loop_is_where_the_clock_is() {
        let mut samples: Vec<i16> = Vec::new();
        samples.extend((0..800).map(|n| n as i16));
        let clip = Clip { at_8k: samples.into(), at_16k: Box::new([]) };
        let play = play(Source::SharedLoop(Arc::new(clip)));
        let mut frame = [0; 160];
        play.fill(90, 8000, &mut frame);
        assert_eq!((frame[0], frame[79], frame[80]), (720, 799, 0));
    }

    #[test]
    fn silence_has_its_length() {
        let mut play = play(Source::Silence { ms: 50 });
        assert_eq!(steps(&mut play, 50), vec![0; 480]);
    }
}
