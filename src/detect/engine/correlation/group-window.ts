import { Timeline, type Entry } from './timeline.js';

/** The entries of one group, with what the measures look them up by. */
export class GroupWindow {
  readonly timeline = new Timeline();
  /** Newest entry of each value, kept by measures of distinct values. */
  readonly newest = new Map<string | number, Entry>();
  /** Entries of each rule, kept by measures that ask which rule occurred when. */
  readonly lanes: Timeline[] = [];

  lane(rule: number): Timeline {
    return (this.lanes[rule] ??= new Timeline());
  }
}
