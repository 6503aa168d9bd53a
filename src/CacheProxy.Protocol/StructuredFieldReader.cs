using System.Globalization;
using System.Text;

namespace CacheProxy.Protocol;

/// <summary>Reads the part of RFC 8941 that cache headers use: a list of tokens or strings, each with parameters.</summary>
internal ref struct StructuredFieldReader(string text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _position;

    public bool IsAtEnd
    {
        get
        {
            SkipSpaces();
            return _position == _text.Length;
        }
    }

    /// <summary>RFC 8941 §3.3.4: a letter or *, then token characters, ':' and '/'.</summary>
    public static bool IsToken(ReadOnlySpan<char> value)
        => value.Length > 0 && (char.IsAsciiLetter(value[0]) || value[0] == '*') && TokenLength(value) == value.Length;

    public bool TryReadItem(out string value)
    {
        SkipSpaces();
        return TryReadString(out value) || TryReadToken(out value);
    }

    /// <param name="value">A string for strings and tokens, a long for integers, a bool for flags.</param>
    public bool TryReadParameter(out string key, out object value)
    {
        int start = _position;
        key = "";
        value = true;
        SkipSpaces();
        if (!TryTake(';'))
        {
            _position = start;
            return false;
        }

        SkipSpaces();
        int length = KeyLength(_text[_position..]);
        key = _text.Slice(_position, length).ToString();
        _position += length;
        if (length > 0 && (!TryTake('=') || TryReadValue(out value)))
        {
            return true;
        }

        // Left before the broken parameter: IsAtEnd is then false, which refuses the whole field.
        _position = start;
        return false;
    }

    public bool TryReadComma()
    {
        SkipSpaces();
        return TryTake(',');
    }

    private bool TryReadValue(out object value)
    {
        if (TryTake('?'))
        {
            value = _position < _text.Length && _text[_position] == '1';
            return _position < _text.Length && _text[_position++] is '0' or '1';
        }

        if (TryReadString(out string text) || TryReadToken(out text))
        {
            value = text;
            return true;
        }

        int length = _text[_position..].IndexOfAnyExcept("-0123456789.");
        ReadOnlySpan<char> digits = length < 0 ? _text[_position..] : _text.Slice(_position, length);
        _position += digits.Length;
        bool isInteger = long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
        value = isInteger ? number : digits.ToString();
        return isInteger || double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }

    private bool TryReadToken(out string value)
    {
        ReadOnlySpan<char> rest = _text[_position..];
        int length = rest.Length > 0 && (char.IsAsciiLetter(rest[0]) || rest[0] == '*') ? TokenLength(rest) : 0;
        value = rest[..length].ToString();
        _position += length;
        return length > 0;
    }

    private bool TryReadString(out string value)
    {
        value = "";
        int start = _position;
        if (!TryTake('"'))
        {
            return false;
        }

        var text = new StringBuilder();
        while (_position < _text.Length)
        {
            char c = _text[_position++];
            if (c == '"')
            {
                value = text.ToString();
                return true;
            }

            if (c == '\\' && _position < _text.Length)
            {
                c = _text[_position++];
            }

            text.Append(c);
        }

        _position = start;
        return false;
    }

    private bool TryTake(char wanted)
    {
        if (_position < _text.Length && _text[_position] == wanted)
        {
            _position++;
            return true;
        }

        return false;
    }

    private void SkipSpaces()
    {
        while (_position < _text.Length && _text[_position] is ' ' or '\t')
        {
            _position++;
        }
    }

    private static int TokenLength(ReadOnlySpan<char> text)
    {
        int length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || "!#$%&'*+-.^_`|~:/".Contains(text[length])))
        {
            length++;
        }

        return length;
    }

    private static int KeyLength(ReadOnlySpan<char> text)
    {
        int length = 0;
        while (length < text.Length && (char.IsAsciiLetterLower(text[length]) || char.IsAsciiDigit(text[length]) || text[length] is '_' or '-' or '.' or '*'))
        {
            length++;
        }

        return length;
    }
}
