using System.Globalization;
using System.Text;

namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>
/// Template text to tokens. White space is treated as transformers sets Jinja up: the newline after a block or comment tag
/// goes (trim_blocks), so do blanks before one at the start of a line (lstrip_blocks), and '-' in a tag eats all of it.
/// </summary>
internal sealed class JinjaLexer
{
    private static readonly string[] LongOperators = ["**", "//", "==", "!=", "<=", ">="];

    private readonly string _source;
    private readonly List<JinjaToken> _tokens = [];
    private int _at;
    private int _line = 1;
    private bool _atLineStart = true;

    private JinjaLexer(string source) => _source = source;

    /// <exception cref="JinjaException">A tag or string is not closed, or a character belongs to no token.</exception>
    public static List<JinjaToken> Tokenize(string source)
    {
        // Jinja drops one newline at the end and knows '\n' alone.
        string text = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var lexer = new JinjaLexer(text.EndsWith('\n') ? text[..^1] : text);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (_at < _source.Length)
        {
            int tag = FindTag();
            ReadData(tag < 0 ? _source.Length : tag, tag);
            if (tag >= 0)
            {
                ReadTag();
            }
        }

        Emit(JinjaTokenKind.End, "");
    }

    private int FindTag()
    {
        for (int at = _at; (at = _source.IndexOf('{', at)) >= 0 && at + 1 < _source.Length; at++)
        {
            if (_source[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }

        return -1;
    }

    private void ReadData(int end, int tag)
    {
        ReadOnlySpan<char> data = _source.AsSpan(_at, end - _at);
        int kept = data.Length;
        char mark = tag >= 0 && tag + 2 < _source.Length ? _source[tag + 2] : '\0';
        if (tag >= 0 && mark == '-')
        {
            kept = data.TrimEnd().Length;
        }
        else if (tag >= 0 && mark != '+' && _source[tag + 1] != '{')
        {
            int lineStart = data.LastIndexOf('\n') + 1;
            if ((lineStart > 0 || _atLineStart) && data[lineStart..].IsWhiteSpace())
            {
                kept = lineStart;
            }
        }

        if (kept > 0)
        {
            Emit(JinjaTokenKind.Data, data[..kept].ToString());
        }

        Advance(end);
    }

    private void ReadTag()
    {
        char kind = _source[_at + 1];
        int line = _line;
        if (kind == '#')
        {
            int end = _source.IndexOf("#}", _at + 2, StringComparison.Ordinal);
            Advance(end < 0 ? throw new JinjaException("A comment is not closed.", line) : end);
            EndTag("#}", trimNewline: true);
            return;
        }

        Emit(kind == '{' ? JinjaTokenKind.OutputStart : JinjaTokenKind.BlockStart, "");
        bool signed = _at + 2 < _source.Length && _source[_at + 2] is '-' or '+';
        Advance(_at + (signed ? 3 : 2));
        if (kind == '%' && TryReadRaw())
        {
            return;
        }

        ReadExpression(kind == '{' ? "}}" : "%}", line);
        Emit(kind == '{' ? JinjaTokenKind.OutputEnd : JinjaTokenKind.BlockEnd, "");
        EndTag(kind == '{' ? "}}" : "%}", trimNewline: kind == '%');
    }

    /// <summary>Steps over the end mark (and its sign) and over the white space that goes with it.</summary>
    private void EndTag(string end, bool trimNewline)
    {
        char sign = _source[_at] == end[0] ? _source[_at - 1] : _source[_at];
        int at = _at + (_source[_at] == end[0] ? 2 : 3);
        int start = at;
        if (sign == '-')
        {
            while (at < _source.Length && char.IsWhiteSpace(_source[at]))
            {
                at++;
            }
        }
        else if (trimNewline && sign != '+' && at < _source.Length && _source[at] == '\n')
        {
            at++;
        }

        _atLineStart = at > start && _source[at - 1] == '\n';
        Advance(at);
    }

    private bool TryReadRaw()
    {
        int word = SkipBlanks(_at);
        if (string.CompareOrdinal(_source, word, "raw", 0, 3) != 0 || SkipBlanks(word + 3) is var close && !AtEnd(close, "%}"))
        {
            return false;
        }

        int line = _line;
        _tokens.RemoveAt(_tokens.Count - 1);
        Advance(SkipBlanks(word + 3));
        EndTag("%}", trimNewline: true);
        for (int at = _at; (at = _source.IndexOf("{%", at, StringComparison.Ordinal)) >= 0; at++)
        {
            int name = SkipBlanks(at + (at + 2 < _source.Length && _source[at + 2] is '-' or '+' ? 3 : 2));
            if (string.CompareOrdinal(_source, name, "endraw", 0, 6) == 0 && AtEnd(SkipBlanks(name + 6), "%}"))
            {
                ReadData(at, at);
                Advance(SkipBlanks(name + 6));
                EndTag("%}", trimNewline: true);
                return true;
            }
        }

        throw new JinjaException("A raw block is not closed.", line);
    }

    private void ReadExpression(string end, int startLine)
    {
        int depth = 0;
        while (true)
        {
            Advance(SkipBlanks(_at));
            if (_at >= _source.Length)
            {
                throw new JinjaException($"A tag is not closed: '{end}' is missing.", startLine);
            }

            if (depth == 0 && AtEnd(_at, end))
            {
                return;
            }

            depth += ReadToken() switch { "(" or "[" or "{" => 1, ")" or "]" or "}" => -1, _ => 0 };
        }
    }

    /// <returns>The token's text when it is an operator.</returns>
    private string? ReadToken()
    {
        char first = _source[_at];
        if (first is '\'' or '"')
        {
            ReadText(first);
            return null;
        }

        if (char.IsLetter(first) || first == '_')
        {
            int end = _at;
            while (end < _source.Length && (char.IsLetterOrDigit(_source[end]) || _source[end] == '_'))
            {
                end++;
            }

            return Take(JinjaTokenKind.Name, end);
        }

        if (char.IsAsciiDigit(first))
        {
            ReadNumber();
            return null;
        }

        string? operatorText = Array.Find(LongOperators, text => string.CompareOrdinal(_source, _at, text, 0, text.Length) == 0);
        if (operatorText is null && !"+-*/%~|.,:()[]{}<>=".Contains(first, StringComparison.Ordinal))
        {
            throw new JinjaException($"Unexpected character '{first}'.", _line);
        }

        operatorText ??= first.ToString();
        Take(JinjaTokenKind.Operator, _at + operatorText.Length);
        return operatorText;
    }

    private string? Take(JinjaTokenKind kind, int end)
    {
        Emit(kind, _source[_at..end]);
        Advance(end);
        return null;
    }

    private void ReadNumber()
    {
        int end = _at;
        while (end < _source.Length && (char.IsAsciiDigit(_source[end]) || _source[end] == '_'))
        {
            end++;
        }

        bool fraction = end + 1 < _source.Length && _source[end] == '.' && char.IsAsciiDigit(_source[end + 1]);
        while (fraction && ++end < _source.Length && char.IsAsciiDigit(_source[end]))
        {
        }

        Take(fraction ? JinjaTokenKind.Number : JinjaTokenKind.Integer, end);
    }

    private void ReadText(char quote)
    {
        int line = _line;
        var value = new StringBuilder();
        int at = _at + 1;
        while (at < _source.Length && _source[at] != quote)
        {
            if (_source[at] == '\\' && at + 1 < _source.Length)
            {
                at = Unescape(at + 1, value);
            }
            else
            {
                value.Append(_source[at++]);
            }
        }

        if (at >= _source.Length)
        {
            throw new JinjaException("A string is not closed.", line);
        }

        Emit(JinjaTokenKind.Text, value.ToString());
        Advance(at + 1);
    }

    /// <returns>Where the text goes on after the escape.</returns>
    private int Unescape(int at, StringBuilder value)
    {
        char escape = _source[at];
        int digits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (at + digits >= _source.Length
                || !uint.TryParse(_source.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code)
                || code > 0x10FFFF)
            {
                throw new JinjaException($"Bad escape '\\{escape}' in a string.", _line);
            }

            value.Append(code is >= 0xD800 and < 0xE000 or < 0x10000 ? ((char)code).ToString() : char.ConvertFromUtf32((int)code));
            return at + digits + 1;
        }

        string plain = escape switch { 'n' => "\n", 't' => "\t", 'r' => "\r", 'b' => "\b", 'f' => "\f", 'v' => "\v", 'a' => "\a", '0' => "\0", '\n' => "", '\\' or '\'' or '"' => escape.ToString(), _ => "\\" + escape };
        value.Append(plain);
        return at + 1;
    }

    private bool AtEnd(int at, string end) =>
        string.CompareOrdinal(_source, at, end, 0, 2) == 0
        || (at < _source.Length && _source[at] is '-' or '+' && string.CompareOrdinal(_source, at + 1, end, 0, 2) == 0);

    private int SkipBlanks(int at)
    {
        while (at < _source.Length && char.IsWhiteSpace(_source[at]))
        {
            at++;
        }

        return at;
    }

    private void Emit(JinjaTokenKind kind, string value) => _tokens.Add(new JinjaToken(kind, value, _line));

    private void Advance(int to)
    {
        _line += _source.AsSpan(_at, to - _at).Count('\n');
        _at = to;
    }
}
