namespace CacheProxy.Protocol.Anthropic;

/// <summary>One block of an answer's content.</summary>
public abstract record MessageBlock;

public sealed record MessageText(string Text) : MessageBlock;

/// <summary>A call of a tool.</summary>
/// <param name="Id">What its result is to name.</param>
/// <param name="Input">JSON object, as text.</param>
public sealed record MessageToolUse(string Id, string Name, string Input) : MessageBlock;
