using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Tests.Support;
using CacheProxy.TestKit;

namespace CacheProxy.Onnx.Tests.Encoders;

public sealed class EncoderFolderTests : IDisposable
{
    private const string Text = "how tall is it";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_BundledModelByItsFolder_GivesTheBundledVectors()
    {
        using TextEmbedder sut = EncoderFolder.Load(BundledModels.Factory, BundledModels.Folder("all-minilm-l6-v2"), new TextEmbedderOptions());

        Assert.Equal(BundledModels.Embedder.Fingerprint, sut.Fingerprint);
        Assert.Equal(BundledModels.Embedder.Embed([Text])[0].Vector, sut.Embed([Text])[0].Vector);
    }

    [Theory]
    [InlineData("model.onnx", "last_hidden_state", true)]
    [InlineData("onnx/model.onnx", "token_embeddings", true)]
    [InlineData("model_quantized.onnx", "last_hidden_state", false)]
    [InlineData("onnx/model_int8.onnx", "token_embeddings", false)]
    public void Load_ModelsAsTheyAreDownloaded_PoolsOverItsTokens(string file, string output, bool takesTypes)
    {
        WriteModel(file, output, takesTypes ? ["input_ids", "attention_mask", "token_type_ids"] : ["input_ids", "attention_mask"]);
        var ids = new List<int> { BundledModels.Bert.ClassifyId };
        BundledModels.Bert.Encode(Text, parseSpecial: false, 100, ids);
        ids.Add(BundledModels.Bert.SeparatorId);

        using TextEmbedder mean = Load(new TextEmbedderOptions { Normalize = false });
        using TextEmbedder first = Load(new TextEmbedderOptions { Normalize = false, Pooling = Pooling.Classify });

        float[] expected = [.. Enumerable.Range(0, TinyEncoder.Dimensions).Select(i => ids.Average(id => TinyEncoder.Row(id)[i]))];
        Assert.Equal(expected, mean.Embed([Text])[0].Vector, (a, b) => Math.Abs(a - b) < 1e-5f);
        Assert.Equal(TinyEncoder.Row(BundledModels.Bert.ClassifyId), first.Embed([Text])[0].Vector);
        Assert.Equal(3, new[] { mean.Fingerprint, first.Fingerprint, BundledModels.Embedder.Fingerprint }.Distinct().Count());
    }

    [Fact]
    public void Load_OneFileByItsPath_TakesThatOne()
    {
        WriteModel("model.onnx", "last_hidden_state", ["input_ids", "attention_mask"]);
        TinyEncoder.Write(Path.Combine(_folder.Path, "other.onnx"), ["input_ids", "attention_mask"], "token_embeddings", vocabulary: 30_600);

        using TextEmbedder sut = EncoderFolder.Load(BundledModels.Factory, Path.Combine(_folder.Path, "other.onnx"), new TextEmbedderOptions());
        using TextEmbedder other = Load(new TextEmbedderOptions());

        Assert.NotEqual(other.Fingerprint, sut.Fingerprint);
    }

    [Fact]
    public void Load_NoModelFile_SaysWhichNamesWereTried()
        => Assert.Contains("model_quantized.onnx", Assert.Throws<InvalidDataException>(() => Load(new TextEmbedderOptions())).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("config.json")]
    public void Load_FileMissing_NamesIt(string missing)
    {
        WriteModel("model.onnx", "last_hidden_state", ["input_ids", "attention_mask"]);
        File.Delete(Path.Combine(_folder.Path, missing));

        Assert.Contains(missing, Assert.Throws<InvalidDataException>(() => Load(new TextEmbedderOptions())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("input_ids", "attention_mask", "last_state", "missing last_hidden_state")]
    [InlineData("input_ids", "position_ids", "last_hidden_state", "nothing is known for position_ids")]
    public void Load_ModelOfAnotherKind_SaysWhatIsWrong(string ids, string second, string output, string expected)
    {
        WriteModel("model.onnx", output, [ids, second]);

        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => Load(new TextEmbedderOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MoreTokensThanPositions_IsRefused()
    {
        WriteModel("model.onnx", "last_hidden_state", ["input_ids", "attention_mask"]);

        Assert.Contains("512 positions", Assert.Throws<InvalidDataException>(() => Load(new TextEmbedderOptions { MaxTokens = 513 })).Message, StringComparison.Ordinal);
    }

    private TextEmbedder Load(TextEmbedderOptions options) => EncoderFolder.Load(BundledModels.Factory, _folder.Path, options);

    private void WriteModel(string file, string output, string[] inputs)
    {
        string path = Path.Combine(_folder.Path, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        TinyEncoder.Write(path, inputs, output);
        File.Copy(BundledModels.Folder("all-minilm-l6-v2", "tokenizer.json"), Path.Combine(_folder.Path, "tokenizer.json"));
        File.Copy(BundledModels.Folder("all-minilm-l6-v2", "config.json"), Path.Combine(_folder.Path, "config.json"));
    }
}
