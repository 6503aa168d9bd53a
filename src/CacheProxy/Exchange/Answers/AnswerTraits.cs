namespace CacheProxy.Exchange.Answers;

/// <summary>What makes an answer one that only some policies keep and give again.</summary>
[Flags]
public enum AnswerTraits
{
    None = 0,

    /// <summary>It calls tools: giving it again may have them called again.</summary>
    ToolCalls = 1,

    /// <summary>It ends because it grew too long, not because it was done.</summary>
    Truncated = 2,
}
