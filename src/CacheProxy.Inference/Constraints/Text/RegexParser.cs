using System.Globalization;
using static CacheProxy.Inference.Constraints.Grammar;

namespace CacheProxy.Inference.Constraints.Text;

/// <summary>
/// Regular expressions in ECMAScript's notation, as JSON schemas use them: characters, classes, groups, alternatives and
/// counts; <c>^</c> and <c>$</c> at the ends. What cannot be told while reading forward once (look-around, back references,
/// word boundaries) is refused.
/// </summary>
internal sealed class RegexParser
{
    private const int MaxCount = 10_000;
    private const int MaxNesting = 64;

    private readonly string _pattern;
    private readonly ICharacterGrammar _characters;
    private int _at;
    private int _nesting;

    private RegexParser(string pattern, ICharacterGrammar characters) => (_pattern, _characters) = (pattern, characters);

    /// <summary>All texts that match.</summary>
    /// <param name="isWhole">The pattern describes the whole text even without <c>^</c> and <c>$</c>; otherwise any part of it.</param>
    /// <exception cref="FormatException">The pattern is malformed or cannot be served; the message says why and where.</exception>
    public static GrammarNode Parse(string pattern, ICharacterGrammar characters, bool isWhole)
    {
        var parser = new RegexParser(pattern, characters);
        var options = new List<GrammarNode>();
        do
        {
            options.Add(parser.ParseBranch(isWhole));
        }
        while (parser.TryTake('|'));

        return parser._at == pattern.Length ? Choice(options) : throw parser.Error(parser.Peek() == ')' ? "has an unmatched ')'" : "has '$' elsewhere than at its end");
    }

    /// <summary>One alternative of the whole pattern: the only place where anchors mean something simple.</summary>
    private GrammarNode ParseBranch(bool isWhole)
    {
        bool fromStart = TryTake('^') || isWhole;
        GrammarNode body = ParseSequence();
        bool toEnd = TryTake('$') || isWhole;
        return fromStart && toEnd ? body : Sequence(fromStart ? Empty : _characters.AnyText, body, toEnd ? Empty : _characters.AnyText);
    }

    private GrammarNode ParseAlternatives()
    {
        if (++_nesting > MaxNesting)
        {
            throw Error("is nested too deeply");
        }

        var options = new List<GrammarNode>();
        do
        {
            options.Add(ParseSequence());
        }
        while (TryTake('|'));

        _nesting--;
        return Choice(options);
    }

    private GrammarNode ParseSequence()
    {
        var parts = new List<GrammarNode>();
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')' or '$'))
        {
            parts.Add(ParseCount(ParseAtom()));
        }

        return Sequence([.. parts]);
    }

    private GrammarNode ParseCount(GrammarNode atom)
    {
        (int Min, int? Max)? count = Peek() switch
        {
            '*' => (0, null),
            '+' => (1, null),
            '?' => (0, 1),
            '{' => ParseBraces(),
            _ => null,
        };
        if (count is not { } range)
        {
            return atom;
        }

        _at++;
        TryTake('?'); // Lazy or not, the same texts match.
        return Peek() is '*' or '+' or '{' ? throw Error("has two counts in a row") : Repeat(atom, range.Min, range.Max);
    }

    /// <summary>From <c>{</c> up to, but not including, <c>}</c>.</summary>
    private (int Min, int? Max)? ParseBraces()
    {
        _at++;
        int min = ParseNumber();
        int? max = min;
        if (TryTake(','))
        {
            max = Peek() == '}' ? null : ParseNumber();
        }

        return Peek() != '}' ? throw Error("has a count without '}'") : max < min ? throw Error("has a count whose bounds are out of order") : (min, max);
    }

    private int ParseNumber()
    {
        int start = _at;
        while (Peek() is >= '0' and <= '9')
        {
            _at++;
        }

        return int.TryParse(_pattern.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= MaxCount
            ? number : throw Error($"has a count that is no number up to {MaxCount}");
    }

    private GrammarNode ParseAtom()
    {
        switch (_pattern[_at])
        {
            case '(':
                return ParseGroup();
            case '[':
                return _characters.Of(new CharacterClassParser(_pattern, ref _at).Set);
            case '.':
                _at++;
                return _characters.Of(CodePointSet.Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029)).Complement());
            case '\\':
                return _characters.Of(CharacterClassParser.ParseEscape(_pattern, ref _at, isInClass: false));
            case '^':
                throw Error("has '^' elsewhere than at its beginning");
            case '*' or '+' or '?' or '{' or '}' or ']':
                throw Error($"has '{_pattern[_at]}' with nothing before it that it could belong to");
            default:
                int character = CharacterClassParser.TakeCharacter(_pattern, ref _at);
                return _characters.Of(CodePointSet.Of((character, character)));
        }
    }

    private GrammarNode ParseGroup()
    {
        _at++;
        if (TryTake('?') && !TryTake(':') && !TrySkipName())
        {
            throw Error("has a group that looks around, which is not supported");
        }

        GrammarNode body = ParseAlternatives();
        return TryTake(')') ? body : throw Error(Peek() == '$' ? "has '$' elsewhere than at its end" : "has a group without ')'");
    }

    private bool TrySkipName()
    {
        int end = _pattern.IndexOf('>', _at);
        if (Peek() != '<' || end < 0 || (_at + 1 < _pattern.Length && _pattern[_at + 1] is '=' or '!'))
        {
            return false;
        }

        _at = end + 1;
        return true;
    }

    private char? Peek() => _at < _pattern.Length ? _pattern[_at] : null;

    private bool TryTake(char expected)
    {
        if (Peek() != expected)
        {
            return false;
        }

        _at++;
        return true;
    }

    private FormatException Error(string problem) => new($"the pattern {problem} (at character {_at})");
}
