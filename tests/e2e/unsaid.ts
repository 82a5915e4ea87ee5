// What no log line may say: secrets, credentials, and what bodies hold. All that a suite sends is remembered, and every
// line that its Worker logged is searched for it when the Worker is closed.

const SECRETS = ["SERVICE_KEYS", "JWT_SECRET", "STRIPE_WEBHOOK_SECRETS", "STRIPE_API_KEY", "LINK_SECRET"];
/** Fields of a body whose texts are nobody's business. */
const PRIVATE = ["title", "narration", "imagePrompt", "note", "voice", "email"];
/** Shorter texts are found in every line by chance. */
const LENGTH_MIN = 8;
/** What a line that holds a body, a secret or a token looks like, whosever it is. */
const FORMS = [/"(?:script|narration|videoConfig|metadata|data)\\?":/, /whsec_\w/, /eyJ[\w-]{8,}\.eyJ/, /\bv1=[0-9a-f]{8}/, /\bBearer \S{8,}/, /\bsignature=[\w-]{8}/];

export class Unsaid {
  private readonly texts = new Set<string>();

  private add(text: unknown) {
    if (typeof text === "string" && text.length >= LENGTH_MIN) this.texts.add(text);
  }

  /** Remembers the secrets among the settings of a Worker. */
  settings(vars: Record<string, string>) {
    for (const name of SECRETS) (vars[name] ?? "").split(/[,\s]+/).forEach((secret) => this.add(secret));
  }

  /** Remembers what a request shows. */
  request({ headers, body }: RequestInit) {
    const sent = new Headers(headers);
    this.add(sent.get("authorization")?.replace(/^\S+ +/, ""));
    for (const [, signature] of (sent.get("stripe-signature") ?? "").matchAll(/v\d=([^,]+)/g)) this.add(signature);
    if (typeof body === "string") this.remember(parsed(body));
  }

  private remember(value: unknown) {
    // Without recursion: some bodies are as deep as they are long.
    const left = [value];
    while (left.length > 0) {
      for (const [name, inner] of Object.entries(left.pop() ?? {})) {
        if (PRIVATE.includes(name)) this.add(inner);
        if (typeof inner === "object") left.push(inner);
      }
    }
  }

  /** The lines that say any of it. */
  leaks(lines: string[]): string[] {
    const texts = [...this.texts];
    return lines.filter((line) => FORMS.some((form) => form.test(line)) || texts.some((text) => line.includes(text)));
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
