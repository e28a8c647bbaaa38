/** A line longer than this is cut into pieces, so that a flood without a line end cannot fill the memory. */
const MAX_LINE_BYTES = 1024 * 1024;

/** Cuts a stream of bytes into lines; a multi-byte character or a line may be split over any chunks. */
export class LineSplitter {
  private parts: Buffer[] = [];
  private length = 0;

  constructor(private readonly maxBytes = MAX_LINE_BYTES) {}

  /** The lines that this chunk completes, without their line end. */
  public push(chunk: Buffer): Buffer[] {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      this.keep(chunk.subarray(start, end), lines);
      lines.push(this.take());
      start = end + 1;
    }
    this.keep(chunk.subarray(start), lines);
    return lines;
  }

  /** What is left without a line end; undefined where nothing is. */
  public end(): Buffer | undefined {
    return this.length > 0 ? this.take() : undefined;
  }

  private keep(part: Buffer, lines: Buffer[]): void {
    let rest = part;
    while (this.length + rest.length > this.maxBytes) {
      const fits = this.maxBytes - this.length;
      this.parts.push(rest.subarray(0, fits));
      this.length += fits;
      lines.push(this.take());
      rest = rest.subarray(fits);
    }
    if (rest.length > 0) {
      this.parts.push(rest);
      this.length += rest.length;
    }
  }

  private take(): Buffer {
    const line = this.parts.length === 1 ? this.parts[0] : Buffer.concat(this.parts, this.length);
    this.parts = [];
    this.length = 0;
    return line;
  }
}
