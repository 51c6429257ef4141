/** Keeps the log of a server instead of printing it. */
export class LogLines {
  /** The lines as they were written. */
  readonly lines: string[] = [];

  write(line: string): void {
    this.lines.push(line);
  }

  /** Everything that was written, as one text. */
  get text(): string {
    return this.lines.join('');
  }

  /** Every line as an object; throws when one is not a line of JSON. */
  get entries(): Record<string, any>[] {
    return this.lines.map((line) => {
      if (line.indexOf('\n') !== line.length - 1) {
        throw new Error(`Not one line: ${line}`);
      }
      return JSON.parse(line);
    });
  }

  clear(): void {
    this.lines.length = 0;
  }
}
