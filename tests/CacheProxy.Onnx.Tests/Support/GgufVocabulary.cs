using System.Text;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Onnx.Tests.Support;

/// <summary>Reads only the tokenizer keys of a GGUF file's metadata; the product's own reader lives in another project.</summary>
internal sealed class GgufVocabulary
{
    private static readonly Lazy<ByteLevelBpeTokenizer> s_bundled = new(() => Read(TestKit.Repository.File(
        "config", "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")).ToBpe());

    private readonly Dictionary<string, object> _values = [];

    /// <summary>The bundled chat model's tokenizer.</summary>
    public static ByteLevelBpeTokenizer Bundled => s_bundled.Value;

    public string[] Tokens => (string[])_values["tokenizer.ggml.tokens"];

    public TokenKind[] Kinds => [.. ((int[])_values["tokenizer.ggml.token_type"]).Select(k => (TokenKind)k)];

    public float[] Scores => (float[])_values["tokenizer.ggml.scores"];

    public bool Flag(string key) => _values.TryGetValue(key, out object? value) && value is true;

    public BpeVocabulary ToBpeVocabulary() =>
        new(Tokens, Kinds, (string[])_values["tokenizer.ggml.merges"], (string)_values["tokenizer.ggml.pre"]);

    public ByteLevelBpeTokenizer ToBpe() => new(ToBpeVocabulary());

    public static GgufVocabulary Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        Assert.Equal("GGUF"u8.ToArray(), reader.ReadBytes(4));
        reader.ReadUInt32();
        reader.ReadUInt64();
        ulong count = reader.ReadUInt64();
        var result = new GgufVocabulary();
        for (ulong i = 0; i < count; i++)
        {
            string key = ReadString(reader);
            result._values[key] = ReadValue(reader, reader.ReadUInt32());
        }

        return result;
    }

    private static string ReadString(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));

    private static object ReadValue(BinaryReader reader, uint type) => type switch
    {
        0 => reader.ReadByte(),
        1 => reader.ReadSByte(),
        2 => reader.ReadUInt16(),
        3 => reader.ReadInt16(),
        4 => reader.ReadUInt32(),
        5 => reader.ReadInt32(),
        6 => reader.ReadSingle(),
        7 => reader.ReadByte() != 0,
        8 => ReadString(reader),
        9 => ReadArray(reader),
        10 => reader.ReadUInt64(),
        11 => reader.ReadInt64(),
        12 => reader.ReadDouble(),
        _ => throw new InvalidDataException($"GGUF value type {type}"),
    };

    private static object ReadArray(BinaryReader reader)
    {
        uint type = reader.ReadUInt32();
        int count = (int)reader.ReadUInt64();
        return type switch
        {
            8 => Fill(count, () => ReadString(reader)),
            5 => Fill(count, reader.ReadInt32),
            6 => Fill(count, reader.ReadSingle),
            _ => Fill(count, () => ReadValue(reader, type)),
        };
    }

    private static T[] Fill<T>(int count, Func<T> read)
    {
        var values = new T[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = read();
        }

        return values;
    }
}
