using System.Globalization;

namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>Expressions by recursive descent, loosest first: if-else, or, and, not, comparison, + -, ~, * / // %, unary, **, postfix, filters and tests.</summary>
internal sealed class JinjaExpressionParser(JinjaTokenStream tokens)
{
    /// <summary>Every name that is looked up from outside: what a template asks its caller for.</summary>
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

    public JinjaExpression Parse() => tokens.Nested(ParseConditional);

    /// <summary>Several expressions with commas are a list.</summary>
    public JinjaExpression ParseWithCommas()
    {
        int line = tokens.Line;
        JinjaExpression first = Parse();
        if (!tokens.IsOperator(","))
        {
            return first;
        }

        var items = new List<JinjaExpression> { first };
        while (tokens.TryOperator(",") && tokens.Current.Kind is not (JinjaTokenKind.BlockEnd or JinjaTokenKind.OutputEnd))
        {
            items.Add(Parse());
        }

        return new JinjaExpression.ListOf(line, items);
    }

    /// <summary>The iterable of a for: everything but if-else, whose 'if' would be the loop's filter.</summary>
    public JinjaExpression ParseWithoutConditional() => tokens.Nested(ParseOr);

    /// <summary>Filters and tests after a value.</summary>
    public JinjaExpression ParseFilters(JinjaExpression target)
    {
        while (true)
        {
            int line = tokens.Line;
            if (tokens.TryOperator("|"))
            {
                string id = tokens.ExpectIdentifier();
                target = new JinjaExpression.Filter(line, target, id, tokens.IsOperator("(") ? ParseArguments() : JinjaArguments.None);
            }
            else if (tokens.TryName("is"))
            {
                target = ParseTest(target, line);
            }
            else if (tokens.IsOperator("("))
            {
                target = new JinjaExpression.Call(line, target, ParseArguments());
            }
            else
            {
                return target;
            }
        }
    }

    private JinjaExpression ParseConditional()
    {
        JinjaExpression value = ParseOr();
        while (tokens.IsName("if"))
        {
            int line = tokens.Next().Line;
            JinjaExpression condition = ParseOr();
            JinjaExpression? otherwise = tokens.TryName("else") ? Parse() : null;
            value = new JinjaExpression.Conditional(line, condition, value, otherwise);
        }

        return value;
    }

    private JinjaExpression ParseOr() => ParseLeft(ParseAnd, static t => t.IsName("or"));

    private JinjaExpression ParseAnd() => ParseLeft(ParseNot, static t => t.IsName("and"));

    private JinjaExpression ParseNot()
    {
        int line = tokens.Line;
        return tokens.TryName("not") ? new JinjaExpression.Unary(line, "not", tokens.Nested(ParseNot)) : ParseComparison();
    }

    private JinjaExpression ParseComparison()
    {
        int line = tokens.Line;
        JinjaExpression first = ParseSum();
        List<(string, JinjaExpression)>? rest = null;
        while (ReadComparison() is { } comparison)
        {
            (rest ??= []).Add((comparison, ParseSum()));
        }

        return rest is null ? first : new JinjaExpression.Comparison(line, first, rest);
    }

    private string? ReadComparison()
    {
        if (tokens.Current is { Kind: JinjaTokenKind.Operator, Value: "==" or "!=" or "<" or "<=" or ">" or ">=" })
        {
            return tokens.Next().Value;
        }

        if (tokens.TryName("in"))
        {
            return "in";
        }

        if (tokens.IsName("not") && tokens.Peek.Is(JinjaTokenKind.Name, "in"))
        {
            tokens.Next();
            tokens.Next();
            return "not in";
        }

        return null;
    }

    private JinjaExpression ParseSum() => ParseLeft(ParseConcat, static t => t.IsOperator("+") || t.IsOperator("-"));

    private JinjaExpression ParseConcat() => ParseLeft(ParseProduct, static t => t.IsOperator("~"));

    private JinjaExpression ParseProduct() =>
        ParseLeft(ParsePower, static t => t.IsOperator("*") || t.IsOperator("/") || t.IsOperator("//") || t.IsOperator("%"));

    private JinjaExpression ParsePower() => ParseLeft(() => ParseUnary(withFilters: true), static t => t.IsOperator("**"));

    private JinjaExpression ParseLeft(Func<JinjaExpression> parseOperand, Func<JinjaTokenStream, bool> isOperator)
    {
        JinjaExpression left = parseOperand();
        while (isOperator(tokens))
        {
            JinjaToken token = tokens.Next();
            left = new JinjaExpression.Binary(token.Line, token.Value, left, parseOperand());
        }

        return left;
    }

    private JinjaExpression ParseUnary(bool withFilters)
    {
        JinjaExpression value;
        if (tokens.IsOperator("-") || tokens.IsOperator("+"))
        {
            JinjaToken sign = tokens.Next();
            value = new JinjaExpression.Unary(sign.Line, sign.Value, tokens.Nested(() => ParseUnary(withFilters: false)));
        }
        else
        {
            value = ParsePostfix(ParsePrimary());
        }

        return withFilters ? ParseFilters(value) : value;
    }

    private JinjaExpression ParsePostfix(JinjaExpression target)
    {
        while (true)
        {
            int line = tokens.Line;
            if (tokens.TryOperator("."))
            {
                target = tokens.Current.Kind == JinjaTokenKind.Integer
                    ? new JinjaExpression.Index(line, target, ParsePrimary())
                    : new JinjaExpression.Attribute(line, target, tokens.ExpectIdentifier());
            }
            else if (tokens.TryOperator("["))
            {
                target = ParseSubscript(target, line);
            }
            else if (tokens.IsOperator("("))
            {
                target = new JinjaExpression.Call(line, target, ParseArguments());
            }
            else
            {
                return target;
            }
        }
    }

    private JinjaExpression ParseSubscript(JinjaExpression target, int line)
    {
        JinjaExpression? start = tokens.IsOperator(":") ? null : Parse();
        if (start is not null && tokens.TryOperator("]"))
        {
            return new JinjaExpression.Index(line, target, start);
        }

        tokens.ExpectOperator(":");
        JinjaExpression? stop = tokens.IsOperator(":") || tokens.IsOperator("]") ? null : Parse();
        JinjaExpression? step = tokens.TryOperator(":") && !tokens.IsOperator("]") ? Parse() : null;
        tokens.ExpectOperator("]");
        return new JinjaExpression.Slice(line, target, start, stop, step);
    }

    private JinjaExpression ParseTest(JinjaExpression target, int line)
    {
        bool negated = tokens.TryName("not");
        string id = tokens.ExpectIdentifier();
        JinjaArguments arguments = JinjaArguments.None;
        if (tokens.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (StartsTestArgument())
        {
            arguments = new JinjaArguments([ParsePostfix(ParsePrimary())], []);
        }

        return new JinjaExpression.Test(line, target, id, arguments, negated);
    }

    private bool StartsTestArgument() => tokens.Current switch
    {
        { Kind: JinjaTokenKind.Name, Value: var name } => name is not ("else" or "or" or "and" or "is" or "if" or "in" or "not"),
        { Kind: JinjaTokenKind.Text or JinjaTokenKind.Integer or JinjaTokenKind.Number } => true,
        { Kind: JinjaTokenKind.Operator, Value: "[" or "{" } => true,
        _ => false,
    };

    private JinjaArguments ParseArguments()
    {
        var positional = new List<JinjaExpression>();
        var named = new List<(string, JinjaExpression)>();
        tokens.ExpectOperator("(");
        while (!tokens.TryOperator(")"))
        {
            if (tokens.Current.Kind == JinjaTokenKind.Name && tokens.Peek.Is(JinjaTokenKind.Operator, "="))
            {
                string id = tokens.Next().Value;
                tokens.Next();
                named.Add((id, Parse()));
            }
            else
            {
                positional.Add(named.Count == 0 ? Parse() : throw tokens.Error("a positional argument stands behind a named one"));
            }

            if (!tokens.IsOperator(")"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return new JinjaArguments(positional, named);
    }

    private JinjaExpression ParsePrimary()
    {
        JinjaToken token = tokens.Next();
        switch (token.Kind)
        {
            case JinjaTokenKind.Text:
                return ParseText(token);
            case JinjaTokenKind.Integer when long.TryParse(token.Value.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out long integer):
                return new JinjaExpression.Literal(token.Line, integer);
            case JinjaTokenKind.Number:
                return new JinjaExpression.Literal(token.Line, double.Parse(token.Value.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture));
            case JinjaTokenKind.Name:
                return ParseName(token);
            case JinjaTokenKind.Operator when token.Value == "(":
                return ParseParentheses(token.Line);
            case JinjaTokenKind.Operator when token.Value == "[":
                return new JinjaExpression.ListOf(token.Line, ParseItems("]", Parse));
            case JinjaTokenKind.Operator when token.Value == "{":
                return new JinjaExpression.MapOf(token.Line, ParseItems("}", ParseEntry));
            default:
                throw new JinjaException($"unexpected {token}.", token.Line);
        }
    }

    private JinjaExpression ParseText(JinjaToken token)
    {
        string value = token.Value;
        while (tokens.Current.Kind == JinjaTokenKind.Text)
        {
            value += tokens.Next().Value;
        }

        return new JinjaExpression.Literal(token.Line, JinjaText.FromTemplate(value));
    }

    private JinjaExpression ParseName(JinjaToken token)
    {
        switch (token.Value)
        {
            case "true" or "True":
                return new JinjaExpression.Literal(token.Line, true);
            case "false" or "False":
                return new JinjaExpression.Literal(token.Line, false);
            case "none" or "None":
                return new JinjaExpression.Literal(token.Line, null);
            default:
                Names.Add(token.Value);
                return new JinjaExpression.Name(token.Line, token.Value);
        }
    }

    private JinjaExpression ParseParentheses(int line)
    {
        if (tokens.TryOperator(")"))
        {
            return new JinjaExpression.ListOf(line, []);
        }

        JinjaExpression first = Parse();
        if (tokens.TryOperator(")"))
        {
            return first;
        }

        tokens.ExpectOperator(",");
        return new JinjaExpression.ListOf(line, [first, .. ParseItems(")", Parse)]);
    }

    private (JinjaExpression, JinjaExpression) ParseEntry()
    {
        JinjaExpression key = Parse();
        tokens.ExpectOperator(":");
        return (key, Parse());
    }

    private List<T> ParseItems<T>(string end, Func<T> parse)
    {
        var items = new List<T>();
        while (!tokens.TryOperator(end))
        {
            items.Add(parse());
            if (!tokens.IsOperator(end))
            {
                tokens.ExpectOperator(",");
            }
        }

        return items;
    }
}
