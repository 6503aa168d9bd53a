namespace CacheProxy.Protocol.Anthropic;

/// <summary>How a message ended.</summary>
/// <param name="StopReason">end_turn, max_tokens, stop_sequence, tool_use or model_context_window_exceeded.</param>
/// <param name="StopSequence">The one of the request's that ended it; null: none did.</param>
public readonly record struct MessageEnd(string StopReason, string? StopSequence, MessageUsage Usage);
