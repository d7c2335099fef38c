/** Counts what ava's TAP output says, and makes its lines easier on the eye. */
export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;
  #complete = false;

  /** One line of TAP; gives the line to show. */
  read(line: string): string {
    const [, figure, count] = /^# (pass|fail|skip) (\d+)$/.exec(line) ?? [];
    if (figure === 'pass') this.passed = Number(count);
    if (figure === 'skip') this.skipped = Number(count);
    if (figure === 'fail') {
      this.failed = Number(count);
      this.#complete = true;
    }
    return line.replace(/^ok \d+ - /, '  ✔ ').replace(/^not ok \d+ - /, '  ✖ ');
  }

  /** A run without figures, one that ava itself calls failed, and one in which nothing passed are failures, too. */
  end(code: number | null): void {
    const green = this.#complete && code === 0 && this.passed > 0;
    if (!green && this.failed === 0) this.failed = 1;
  }

  get summary(): string {
    return `${this.passed} passed, ${this.failed} failed`;
  }
}
