using System.Buffers.Text;

namespace CacheProxy.Fingerprint;

/// <summary>Spells a JSON number in one way per value: <c>1</c>, <c>1.0</c>, <c>10e-1</c> are all <c>1e0</c>. Exact: no binary floating point in between.</summary>
internal static class CanonicalNumber
{
    /// <summary>A spelling is at most so much longer than the number given: sign, 'e' and an exponent.</summary>
    public const int MaxExtraBytes = 24;

    // Larger exponents keep their spelling: no parameter of a request comes near.
    private const int MaxExponentDigits = 9;

    /// <param name="text">A valid JSON number.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        int e = text.IndexOfAny((byte)'e', (byte)'E');
        ReadOnlySpan<byte> mantissa = e < 0 ? text : text[..e];
        ReadOnlySpan<byte> exponentText = e < 0 ? default : text[(e + 1)..].TrimStart((byte)'+');
        if (exponentText.Length > MaxExponentDigits)
        {
            text.CopyTo(destination);
            return text.Length;
        }

        long exponent = 0;
        if (exponentText.Length > 0)
        {
            Utf8Parser.TryParse(exponentText, out exponent, out _);
        }

        int length = 0;
        if (mantissa[0] == (byte)'-')
        {
            destination[length++] = (byte)'-';
            mantissa = mantissa[1..];
        }

        int digitsAt = length;
        bool afterPoint = false;
        foreach (byte c in mantissa)
        {
            if (c == (byte)'.')
            {
                afterPoint = true;
                continue;
            }

            exponent -= afterPoint ? 1 : 0;
            if (c != (byte)'0' || length > digitsAt)
            {
                destination[length++] = c;
            }
        }

        while (length > digitsAt && destination[length - 1] == (byte)'0')
        {
            length--;
            exponent++;
        }

        if (length == digitsAt)
        {
            destination[0] = (byte)'0';
            return 1;
        }

        destination[length++] = (byte)'e';
        Utf8Formatter.TryFormat(exponent, destination[length..], out int exponentLength);
        return length + exponentLength;
    }
}
