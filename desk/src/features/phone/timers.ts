/** What is to be done later, and all of it given up at once. */
export class Timers {
  private readonly running = new Set<number>();

  later(ms: number, run: () => void): void {
    const timer = window.setTimeout(() => {
      this.running.delete(timer);
      run();
    }, ms);
    this.running.add(timer);
  }

  every(ms: number, run: () => void): void {
    this.running.add(window.setInterval(run, ms));
  }

  clear(): void {
    for (const timer of this.running) window.clearTimeout(timer);
    this.running.clear();
  }
}
