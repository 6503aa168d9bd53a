using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using CacheProxy.Observability;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;
using CacheProxy.Pipeline;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.SemanticCache.Encoders;

/// <summary>Encoders from folders whose tokenizer is none of BERT's, with a small model that is written here.</summary>
public sealed class EncoderFolderTests : IDisposable
{
    private const int Begin = 256, End = 257, Merged = 259;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cacheproxy-encoder-");

    [Theory]
    [InlineData("RobertaProcessing")]
    [InlineData("TemplateProcessing")]
    public async Task Embed_ByteLevelBpe_ReadsItsTokensBetweenItsMarks(string frame)
    {
        Write(frame);
        using EmbedderSource sut = Open();

        Embedding embedding = await sut.Query.EmbedAsync("thx", TestContext.Current.CancellationToken);

        // "th" is one token by the only merge, "x" is its byte's.
        float[] expected = Mean([Begin, Merged, IdOf('x'), End]);
        Assert.False(embedding.IsTruncated);
        Assert.All(embedding.Vector.ToArray().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));
    }

    [Fact]
    public async Task Embed_TextOfMoreTokensThanAreRead_SaysSo()
    {
        Write("RobertaProcessing");
        using EmbedderSource sut = Open(tokens: 5);

        Assert.False((await sut.Query.EmbedAsync("abc", TestContext.Current.CancellationToken)).IsTruncated);
        Assert.True((await sut.Query.EmbedAsync("abcd", TestContext.Current.CancellationToken)).IsTruncated);
        Assert.True(sut.Limit!.IsExceededBy("abcd"));
    }

    [Fact]
    public async Task Embed_MarksWrittenInAText_ArePlainText()
    {
        Write("RobertaProcessing");
        using EmbedderSource sut = Open();

        ReadOnlyMemory<float> vector = (await sut.Query.EmbedAsync("</s>", TestContext.Current.CancellationToken)).Vector;

        Assert.Equal(Mean([Begin, IdOf('<'), IdOf('/'), IdOf('s'), IdOf('>'), End])[0], vector.Span[0], 1e-5f);
    }

    [Fact]
    public void Open_PositionsBehindThePaddingToken_AreNotCounted()
    {
        Write("RobertaProcessing");

        Assert.Contains("14 positions", Assert.Throws<ModelFileException>(() => Open(tokens: 15)).Message, StringComparison.Ordinal);
        Open(tokens: 14).Dispose();
    }

    [Fact]
    public void Open_Unigram_IsRefusedByName()
    {
        Write("RobertaProcessing");
        string path = Path.Combine(_folder.FullName, "tokenizer.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"BPE\"", "\"Unigram\"", StringComparison.Ordinal));

        string message = Assert.Throws<ModelFileException>(() => Open()).Message;

        Assert.Contains("Semantic:Embedder:Folder", message, StringComparison.Ordinal);
        Assert.Contains("Unigram", message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private EmbedderSource Open(int tokens = 14) => EmbedderSource.Create(
        new EmbedderOptions { Kind = EmbedderOptions.OnnxKind, Folder = _folder.FullName, MaximumTokens = tokens, Normalize = false },
        ModelManifest.Load(Repository.File("config", "models")), new OnnxSessionFactory(new OnnxSessionSettings { IntraOpThreads = 1 }), EmbedderMetrics.Unread, ModelFolder.ReadTokenizer);

    private static float[] Mean(int[] ids)
    {
        float[] sum = new float[TinyEncoder.Dimensions];
        foreach (int id in ids)
        {
            TensorPrimitives.Add(sum, TinyEncoder.Row(id), sum);
        }

        TensorPrimitives.Divide(sum, ids.Length, sum);
        return sum;
    }

    // GPT-2's alphabet: printable bytes stand for themselves and come first here.
    private static int IdOf(char c) => c - '!';

    private void Write(string frame)
    {
        var vocabulary = new JsonObject();
        foreach (string token in Alphabet())
        {
            vocabulary[token] = vocabulary.Count;
        }

        foreach (string token in new[] { "<s>", "</s>", "<pad>", "th" })
        {
            vocabulary[token] = vocabulary.Count;
        }

        JsonObject processor = frame == "RobertaProcessing"
            ? new JsonObject { ["type"] = frame, ["sep"] = new JsonArray("</s>", End), ["cls"] = new JsonArray("<s>", Begin) }
            : new JsonObject
            {
                ["type"] = frame,
                ["single"] = new JsonArray(Special("<s>"), new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } }, Special("</s>")),
                ["special_tokens"] = new JsonObject { ["<s>"] = new JsonObject { ["ids"] = new JsonArray(Begin) }, ["</s>"] = new JsonObject { ["ids"] = new JsonArray(End) } },
            };
        var tokenizer = new JsonObject
        {
            ["added_tokens"] = new JsonArray(Added("<s>", Begin), Added("</s>", End), Added("<pad>", 258)),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true },
            ["post_processor"] = processor,
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray("t h") },
        };
        File.WriteAllText(Path.Combine(_folder.FullName, "tokenizer.json"), tokenizer.ToJsonString());
        File.WriteAllText(Path.Combine(_folder.FullName, "config.json"), """{ "model_type": "xlm-roberta", "max_position_embeddings": 16, "pad_token_id": 1 }""");
        TinyEncoder.Write(Path.Combine(_folder.FullName, "model.onnx"), ["input_ids", "attention_mask"], "last_hidden_state", vocabulary: 260);
    }

    private static JsonObject Special(string token) => new() { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = 0 } };

    private static JsonObject Added(string token, int id) => new() { ["id"] = id, ["content"] = token, ["special"] = true, ["lstrip"] = false, ["rstrip"] = false, ["single_word"] = false };

    private static IEnumerable<string> Alphabet()
    {
        int[] printable = [.. Enumerable.Range('!', '~' - '!' + 1), .. Enumerable.Range(0xA1, 0xAC - 0xA1 + 1), .. Enumerable.Range(0xAE, 0xFF - 0xAE + 1)];
        return printable.Concat(Enumerable.Range(256, 256 - printable.Length)).Select(c => ((char)c).ToString());
    }
}
