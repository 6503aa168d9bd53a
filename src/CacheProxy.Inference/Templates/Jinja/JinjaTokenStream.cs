namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>A cursor over the tokens, and the bound on nesting that keeps the parser and the renderer off the stack's end.</summary>
internal sealed class JinjaTokenStream(List<JinjaToken> tokens)
{
    private const int MaxDepth = 100;

    private int _at;
    private int _depth;

    public JinjaToken Current => tokens[_at];

    public int Line => Current.Line;

    /// <summary>Line of the token taken last.</summary>
    public int LastLine => tokens[Math.Max(0, _at - 1)].Line;

    public JinjaToken Peek => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public JinjaToken Next() => _at < tokens.Count - 1 ? tokens[_at++] : tokens[_at];

    public bool IsOperator(string value) => Current.Is(JinjaTokenKind.Operator, value);

    public bool IsName(string value) => Current.Is(JinjaTokenKind.Name, value);

    public bool TryOperator(string value) => Try(IsOperator(value));

    public bool TryName(string value) => Try(IsName(value));

    public void ExpectOperator(string value)
    {
        if (!TryOperator(value))
        {
            throw Error($"expected '{value}' instead of {Current}");
        }
    }

    public void ExpectName(string value)
    {
        if (!TryName(value))
        {
            throw Error($"expected '{value}' instead of {Current}");
        }
    }

    public string ExpectIdentifier() =>
        Current.Kind == JinjaTokenKind.Name ? Next().Value : throw Error($"expected a name instead of {Current}");

    public void Expect(JinjaTokenKind kind)
    {
        if (Current.Kind != kind)
        {
            throw Error($"unexpected {Current}");
        }

        Next();
    }

    public T Nested<T>(Func<T> parse)
    {
        if (++_depth > MaxDepth)
        {
            throw Error($"nested more than {MaxDepth} deep");
        }

        T result = parse();
        _depth--;
        return result;
    }

    public JinjaException Error(string problem) => new(problem + ".", Line);

    private bool Try(bool matches)
    {
        if (matches)
        {
            Next();
        }

        return matches;
    }
}
