namespace CacheProxy.Inference.Tools;

public enum ToolCallEventKind
{
    /// <summary>Text of the answer that belongs to no call.</summary>
    Content,

    /// <summary>A call begins; the text is the function's name.</summary>
    Call,

    /// <summary>A piece of the arguments' JSON of the call begun last.</summary>
    Arguments,
}

/// <summary>What <see cref="ToolCallReader"/> finds in an answer.</summary>
public readonly record struct ToolCallEvent(ToolCallEventKind Kind, string Text);
