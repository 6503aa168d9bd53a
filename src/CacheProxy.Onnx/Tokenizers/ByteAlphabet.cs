namespace CacheProxy.Onnx.Tokenizers;

/// <summary>GPT-2's one printable character per byte: bytes that are printable in Latin-1 stand for themselves, the other 68 for U+0100 on.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] s_chars = BuildChars();
    private static readonly Dictionary<char, byte> s_bytes = s_chars.Select((c, b) => (c, b)).ToDictionary(p => p.c, p => (byte)p.b);

    public static char ToChar(byte value) => s_chars[value];

    /// <summary>Writes the bytes of a token text; false when a character is not of the alphabet (then nothing useful is written).</summary>
    public static bool TryGetBytes(string token, Span<byte> bytes)
    {
        for (int i = 0; i < token.Length; i++)
        {
            if (!s_bytes.TryGetValue(token[i], out bytes[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static char[] BuildChars()
    {
        var chars = new char[256];
        int next = 256;
        for (int b = 0; b < chars.Length; b++)
        {
            bool printable = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            chars[b] = (char)(printable ? b : next++);
        }

        return chars;
    }
}
