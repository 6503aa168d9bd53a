namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>Tokens to statements.</summary>
internal sealed class JinjaParser
{
    private readonly JinjaTokenStream _tokens;
    private readonly JinjaExpressionParser _expressions;
    private int _loops;

    private JinjaParser(List<JinjaToken> tokens)
    {
        _tokens = new JinjaTokenStream(tokens);
        _expressions = new JinjaExpressionParser(_tokens);
    }

    /// <param name="names">Every name the template looks up.</param>
    /// <exception cref="JinjaException">The template is malformed or uses a statement that is not supported.</exception>
    public static IReadOnlyList<JinjaStatement> Parse(string source, out IReadOnlySet<string> names)
    {
        var parser = new JinjaParser(JinjaLexer.Tokenize(source));
        List<JinjaStatement> body = parser.ParseBody([]);
        names = parser._expressions.Names;
        return body;
    }

    /// <summary>Reads until a block with one of the names, whose start and name are taken; to the end when there are none.</summary>
    private List<JinjaStatement> ParseBody(params ReadOnlySpan<string> until)
    {
        var body = new List<JinjaStatement>();
        int line = _tokens.LastLine;
        while (_tokens.Current.Kind != JinjaTokenKind.End)
        {
            JinjaToken token = _tokens.Next();
            switch (token.Kind)
            {
                case JinjaTokenKind.Data:
                    body.Add(new JinjaStatement.Data(token.Line, token.Value));
                    break;
                case JinjaTokenKind.OutputStart:
                    body.Add(new JinjaStatement.Output(token.Line, _expressions.ParseWithCommas()));
                    _tokens.Expect(JinjaTokenKind.OutputEnd);
                    break;
                case JinjaTokenKind.BlockStart when _tokens.Current.Kind == JinjaTokenKind.Name && until.Contains(_tokens.Current.Value):
                    return body;
                default:
                    body.Add(_tokens.Nested(() => ParseBlock(token.Line)));
                    break;
            }
        }

        return until.IsEmpty ? body : throw new JinjaException($"a block is not closed: '{until[^1]}' is missing.", line);
    }

    private JinjaStatement ParseBlock(int line)
    {
        string keyword = _tokens.ExpectIdentifier();
        JinjaStatement statement = keyword switch
        {
            "if" => ParseIf(line),
            "for" => ParseFor(line),
            "set" => ParseSet(line),
            "macro" => ParseMacro(line),
            "generation" => ParseGeneration(line),
            "break" when _loops > 0 => new JinjaStatement.Break(line),
            "continue" when _loops > 0 => new JinjaStatement.Continue(line),
            _ => throw new JinjaException($"unexpected '{keyword}'.", line),
        };
        _tokens.Expect(JinjaTokenKind.BlockEnd);
        return statement;
    }

    private JinjaStatement.If ParseIf(int line)
    {
        var branches = new List<(JinjaExpression, IReadOnlyList<JinjaStatement>)>();
        IReadOnlyList<JinjaStatement> otherwise = [];
        do
        {
            JinjaExpression condition = _expressions.Parse();
            _tokens.Expect(JinjaTokenKind.BlockEnd);
            branches.Add((condition, ParseBody("elif", "else", "endif")));
        }
        while (_tokens.TryName("elif"));

        if (_tokens.TryName("else"))
        {
            _tokens.Expect(JinjaTokenKind.BlockEnd);
            otherwise = ParseBody("endif");
        }

        _tokens.ExpectName("endif");
        return new JinjaStatement.If(line, branches, otherwise);
    }

    private JinjaStatement.For ParseFor(int line)
    {
        List<string> targets = ParseTargets();
        _tokens.ExpectName("in");
        JinjaExpression items = _expressions.ParseWithoutConditional();
        JinjaExpression? filter = _tokens.TryName("if") ? _expressions.Parse() : null;
        _tokens.Expect(JinjaTokenKind.BlockEnd);
        _loops++;
        List<JinjaStatement> body = ParseBody("else", "endfor");
        _loops--;
        List<JinjaStatement> otherwise = [];
        if (_tokens.TryName("else"))
        {
            _tokens.Expect(JinjaTokenKind.BlockEnd);
            otherwise = ParseBody("endfor");
        }

        _tokens.ExpectName("endfor");
        return new JinjaStatement.For(line, targets, items, filter, body, otherwise);
    }

    private JinjaStatement ParseSet(int line)
    {
        List<string> targets = ParseTargets();
        string? attribute = targets.Count == 1 && _tokens.TryOperator(".") ? _tokens.ExpectIdentifier() : null;
        if (_tokens.TryOperator("="))
        {
            return new JinjaStatement.Set(line, targets, attribute, _expressions.ParseWithCommas());
        }

        if (targets.Count > 1)
        {
            throw _tokens.Error("a set block has one target");
        }

        _tokens.Expect(JinjaTokenKind.BlockEnd);
        List<JinjaStatement> body = ParseBody("endset");
        _tokens.ExpectName("endset");
        return new JinjaStatement.SetBlock(line, targets[0], attribute, body);
    }

    private JinjaStatement.Macro ParseMacro(int line)
    {
        string id = _tokens.ExpectIdentifier();
        var parameters = new List<(string, JinjaExpression?)>();
        _tokens.ExpectOperator("(");
        while (!_tokens.TryOperator(")"))
        {
            string parameter = _tokens.ExpectIdentifier();
            parameters.Add((parameter, _tokens.TryOperator("=") ? _expressions.Parse() : null));
            if (!_tokens.IsOperator(")"))
            {
                _tokens.ExpectOperator(",");
            }
        }

        _tokens.Expect(JinjaTokenKind.BlockEnd);
        (int loops, _loops) = (_loops, 0);
        List<JinjaStatement> body = ParseBody("endmacro");
        _loops = loops;
        _tokens.ExpectName("endmacro");
        return new JinjaStatement.Macro(line, id, parameters, body);
    }

    /// <summary>Marks the assistant's words for training; for rendering its body stands alone.</summary>
    private JinjaStatement.Group ParseGeneration(int line)
    {
        _tokens.Expect(JinjaTokenKind.BlockEnd);
        List<JinjaStatement> body = ParseBody("endgeneration");
        _tokens.ExpectName("endgeneration");
        return new JinjaStatement.Group(line, body);
    }

    private List<string> ParseTargets()
    {
        bool parenthesised = _tokens.TryOperator("(");
        var targets = new List<string> { _tokens.ExpectIdentifier() };
        while (_tokens.TryOperator(","))
        {
            targets.Add(_tokens.ExpectIdentifier());
        }

        if (parenthesised)
        {
            _tokens.ExpectOperator(")");
        }

        return targets;
    }
}
