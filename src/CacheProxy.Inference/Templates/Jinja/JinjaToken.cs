namespace CacheProxy.Inference.Templates.Jinja;

internal enum JinjaTokenKind
{
    /// <summary>Text outside of tags.</summary>
    Data,
    OutputStart,
    OutputEnd,
    BlockStart,
    BlockEnd,
    Name,
    Text,
    Integer,
    Number,
    Operator,
    End,
}

/// <param name="Value">The name, operator or digits; for text what the escapes stand for.</param>
/// <param name="Line">From 1.</param>
internal readonly record struct JinjaToken(JinjaTokenKind Kind, string Value, int Line)
{
    public bool Is(JinjaTokenKind kind, string value) => Kind == kind && Value == value;

    public override string ToString() => Kind switch
    {
        JinjaTokenKind.End => "the end of the template",
        JinjaTokenKind.BlockEnd => "'%}'",
        JinjaTokenKind.OutputEnd => "'}}'",
        _ => $"'{Value}'",
    };
}
