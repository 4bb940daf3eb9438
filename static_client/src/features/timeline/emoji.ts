/** What the class reacts with most; the others are loaded when somebody asks for more. */
export const QUICK = ["👍", "❤️", "😂", "🎉", "✅", "❓", "👀", "🙏"] as const;
