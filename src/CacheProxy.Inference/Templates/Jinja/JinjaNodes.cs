namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>An expression of the template.</summary>
/// <param name="Line">From 1, for errors.</param>
internal abstract record JinjaExpression(int Line)
{
    public sealed record Literal(int Line, object? Value) : JinjaExpression(Line);

    public sealed record Name(int Line, string Id) : JinjaExpression(Line);

    public sealed record ListOf(int Line, IReadOnlyList<JinjaExpression> Items) : JinjaExpression(Line);

    public sealed record MapOf(int Line, IReadOnlyList<(JinjaExpression Key, JinjaExpression Value)> Items) : JinjaExpression(Line);

    public sealed record Unary(int Line, string Operator, JinjaExpression Operand) : JinjaExpression(Line);

    public sealed record Binary(int Line, string Operator, JinjaExpression Left, JinjaExpression Right) : JinjaExpression(Line);

    /// <summary>a op b op c …: each neighbouring pair has to hold.</summary>
    public sealed record Comparison(int Line, JinjaExpression First, IReadOnlyList<(string Operator, JinjaExpression Operand)> Rest) : JinjaExpression(Line);

    public sealed record Conditional(int Line, JinjaExpression Condition, JinjaExpression Then, JinjaExpression? Else) : JinjaExpression(Line);

    public sealed record Attribute(int Line, JinjaExpression Target, string Id) : JinjaExpression(Line);

    public sealed record Index(int Line, JinjaExpression Target, JinjaExpression Key) : JinjaExpression(Line);

    public sealed record Slice(int Line, JinjaExpression Target, JinjaExpression? Start, JinjaExpression? Stop, JinjaExpression? Step) : JinjaExpression(Line);

    public sealed record Call(int Line, JinjaExpression Target, JinjaArguments Arguments) : JinjaExpression(Line);

    public sealed record Filter(int Line, JinjaExpression Target, string Id, JinjaArguments Arguments) : JinjaExpression(Line);

    public sealed record Test(int Line, JinjaExpression Target, string Id, JinjaArguments Arguments, bool Negated) : JinjaExpression(Line);
}

/// <summary>What stands between the parentheses of a call.</summary>
internal sealed record JinjaArguments(IReadOnlyList<JinjaExpression> Positional, IReadOnlyList<(string Id, JinjaExpression Value)> Named)
{
    public static JinjaArguments None { get; } = new([], []);
}

/// <summary>A statement of the template.</summary>
internal abstract record JinjaStatement(int Line)
{
    public sealed record Data(int Line, string Text) : JinjaStatement(Line);

    public sealed record Output(int Line, JinjaExpression Value) : JinjaStatement(Line);

    public sealed record If(int Line, IReadOnlyList<(JinjaExpression Condition, IReadOnlyList<JinjaStatement> Body)> Branches, IReadOnlyList<JinjaStatement> Else)
        : JinjaStatement(Line);

    public sealed record For(
        int Line, IReadOnlyList<string> Targets, JinjaExpression Items, JinjaExpression? Filter, IReadOnlyList<JinjaStatement> Body, IReadOnlyList<JinjaStatement> Else)
        : JinjaStatement(Line);

    /// <summary>Targets are names; one alone may have an attribute (of a namespace).</summary>
    public sealed record Set(int Line, IReadOnlyList<string> Targets, string? Attribute, JinjaExpression Value) : JinjaStatement(Line);

    /// <summary>The rendered body becomes the value.</summary>
    public sealed record SetBlock(int Line, string Target, string? Attribute, IReadOnlyList<JinjaStatement> Body) : JinjaStatement(Line);

    public sealed record Macro(int Line, string Id, IReadOnlyList<(string Id, JinjaExpression? Default)> Parameters, IReadOnlyList<JinjaStatement> Body)
        : JinjaStatement(Line);

    /// <summary>A block that only groups.</summary>
    public sealed record Group(int Line, IReadOnlyList<JinjaStatement> Body) : JinjaStatement(Line);

    public sealed record Break(int Line) : JinjaStatement(Line);

    public sealed record Continue(int Line) : JinjaStatement(Line);
}
