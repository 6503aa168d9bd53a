using CacheProxy.Inference.Safetensors;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Safetensors;

public sealed class SafetensorsFolderTests
{
    private static readonly byte[] s_shard = new SafetensorsWriter().Add("a", [1f, 2f, 3f, 4f, 5f, 6f], 2, 3).ToArray();

    [Fact]
    public void Open_OneFile_FindsItsTensors()
    {
        using TemporaryFolder saved = new TemporaryFolder().With("model.safetensors", s_shard);
        using SafetensorsFolder sut = SafetensorsFolder.Open(saved.Path);
        Assert.Equal([1f, 2, 3, 4, 5, 6], sut.Get("a").ReadFloats());
        Assert.Null(sut.Find("b"));
    }

    [Fact]
    public void Open_Shards_TakesEachTensorFromItsOwn()
    {
        using TemporaryFolder saved = Sharded("""{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}""")
            .With("two.safetensors", new SafetensorsWriter().Add("b", [7f], 1).ToArray());
        using SafetensorsFolder sut = SafetensorsFolder.Open(saved.Path);
        Assert.Equal(7f, Assert.Single(sut.Get("b").ReadFloats()));
        Assert.EndsWith("two.safetensors", sut.Get("b").File.Path);
        Assert.Equal(2, sut.Tensors.Count);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"../one.safetensors"}}""", "a", "not the name of a file beside the index")]
    [InlineData("""{"weight_map":{"a":""}}""", "a", "not the name of a file")]
    [InlineData("""{"weight_map":{"a":3}}""", "a", "not the name of a file")]
    [InlineData("""{"weight_map":{"a":".."}}""", "a", "not the name of a file")]
    [InlineData("""{"weight_map":[]}""", "weight_map", "is not an object")]
    [InlineData("""{}""", "weight_map", "is not an object")]
    [InlineData("""[]""", "root", "is not a JSON object")]
    [InlineData("""{"weight_map":{"a":"three.safetensors"}}""", "a", "which is missing")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","z":"one.safetensors"}}""", "z", "says that it is here")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","a":"one.safetensors"}}""", "a", "occurs twice")]
    public void Open_BadIndex_NamesTheField(string index, string field, string problem)
    {
        using TemporaryFolder saved = Sharded(index);
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => SafetensorsFolder.Open(saved.Path));
        Assert.Equal(field, error.Field);
        Assert.Contains(problem, error.Message);
    }

    [Fact]
    public void Open_NoWeights_NamesWhatIsMissing()
    {
        using var saved = new TemporaryFolder();
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => SafetensorsFolder.Open(saved.Path));
        Assert.Equal((saved.Path, "model.safetensors"), (error.File, error.Field));
    }

    [Fact]
    public void ReleasePages_AfterReading_ReadsTheSameAgain()
    {
        using TemporaryFolder saved = new TemporaryFolder().With("model.safetensors", s_shard);
        using SafetensorsFolder sut = SafetensorsFolder.Open(saved.Path);
        float[] before = sut.Get("a").ReadFloats();
        sut.ReleasePages();
        Assert.Equal(before, sut.Get("a").ReadFloats());
    }

    private static TemporaryFolder Sharded(string index) => new TemporaryFolder().With("model.safetensors.index.json", index).With("one.safetensors", s_shard);
}
