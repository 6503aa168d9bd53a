using System.Buffers;
using System.Text;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>Conveniences over <see cref="ITokenizer"/> that allocate; hot paths call the interface.</summary>
public static class TokenizerExtensions
{
    /// <summary>The ids of <paramref name="text"/>, nothing added.</summary>
    public static int[] Encode(this ITokenizer tokenizer, string text, bool parseSpecial = false)
    {
        var ids = new List<int>(text.Length / 3 + 4);
        tokenizer.Encode(text, parseSpecial, ids);
        return [.. ids];
    }

    /// <summary>Appends the bytes of the tokens; control tokens are left out when <paramref name="skipControl"/> is set.</summary>
    public static void DecodeBytes(this ITokenizer tokenizer, ReadOnlySpan<int> ids, IBufferWriter<byte> output, bool skipControl = false)
    {
        foreach (int id in ids)
        {
            if (!skipControl || tokenizer.KindOf(id) != TokenKind.Control)
            {
                output.Write(tokenizer.TokenBytes(id));
            }
        }
    }

    /// <summary>The text of the tokens; bytes that are not UTF-8 become U+FFFD.</summary>
    public static string Decode(this ITokenizer tokenizer, ReadOnlySpan<int> ids, bool skipControl = false)
    {
        var bytes = new ArrayBufferWriter<byte>(ids.Length * 4 + 1);
        tokenizer.DecodeBytes(ids, bytes, skipControl);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
