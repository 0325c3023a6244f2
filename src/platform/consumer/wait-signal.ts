/** A wait that can be cut short. Raised while nobody waits, it lets the next wait pass at once, so no call gets lost. */
export class WaitSignal {
  private raised = false;
  private release?: () => void;

  raise(): void {
    this.raised = true;
    this.release?.();
  }

  async wait(milliseconds: number): Promise<void> {
    if (!this.raised) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.release = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.release = undefined;
    this.raised = false;
  }
}
