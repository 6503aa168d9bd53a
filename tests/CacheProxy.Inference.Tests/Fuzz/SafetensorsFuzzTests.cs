using System.Text;
using CacheProxy.Inference.Families;
using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Safetensors;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Tests.Safetensors;
using CacheProxy.Inference.Tokenizers;
using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Tests.Fuzz;

/// <summary>Headers, indexes, settings and tokenizers of model folders, one of them damaged at a time.</summary>
public sealed class SafetensorsFuzzTests(ITestOutputHelper output)
{
    /// <summary>Its layers have quantised modules, which check the shapes of several tensors against each other.</summary>
    private const string Quantised = "llama-gqa-gptq-actorder";

    private static readonly string[] s_names =
        ["token_embd", "output_norm", "output", .. from layer in Enumerable.Range(0, 3) from name in (string[])["attn_norm", "attn_q", "attn_output", "ffn_norm", "ffn_down"] select $"blk.{layer}.{name}"];

    [Theory]
    [InlineData(Quantised)]
    [InlineData("llama-gqa-fp8-block")]
    public void Open_DamagedHeaders_ReadsOrRefusesThem(string model)
    {
        byte[] sound = File.ReadAllBytes(Fixture.Path(model + "/model.safetensors"));
        int header = 8 + (int)BitConverter.ToUInt64(sound);
        string json = Encoding.UTF8.GetString(sound[8..header]);
        using TemporaryFolder folder = new TemporaryFolder().With("config.json", File.ReadAllBytes(Fixture.Path(model + "/config.json")));
        Check(1000, folder, "model.safetensors", ReadWeights, random => random.Next(3) > 0
            ? SafetensorsWriter.WithHeader(JsonMutator.Mutate(random, json), sound[header..])
            : BytesMutator.Mutate(random, sound, header));
    }

    [Fact]
    public void Open_DamagedIndex_ReadsOrRefusesIt()
    {
        using TemporaryFolder folder = new TemporaryFolder()
            .With("one.safetensors", new SafetensorsWriter().Add("a", [1f, 2f], 2).ToArray())
            .With("two.safetensors", new SafetensorsWriter().Add("b", [3f], 1).ToArray());
        const string index = """{"metadata":{"total_size":12},"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}""";
        Check(1000, folder, "model.safetensors.index.json", path => SafetensorsFolder.Open(path).Dispose(), random => JsonMutator.MutateFile(random, index));
    }

    [Theory]
    [InlineData(Quantised)]
    [InlineData("llama-gqa-ct-w4a16")]
    [InlineData("llama-gqa-fp8-block")]
    public void Open_DamagedConfig_ReadsOrRefusesIt(string model)
    {
        string config = File.ReadAllText(Fixture.Path(model + "/config.json"));
        using TemporaryFolder folder = new TemporaryFolder().With("model.safetensors", File.ReadAllBytes(Fixture.Path(model + "/model.safetensors")));
        Check(700, folder, "config.json", ReadWeights, random => JsonMutator.MutateFile(random, config));
    }

    [Theory]
    [InlineData("qwen2")]
    [InlineData("mistral-swa")]
    public void Read_DamagedTokenizer_ReadsOrRefusesIt(string model)
    {
        string tokenizer = File.ReadAllText(Fixture.Path(model + "/tokenizer.json"));
        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer_config.json", File.ReadAllBytes(Fixture.Path(model + "/tokenizer_config.json")));
        Check(500, folder, "tokenizer.json", ReadTokenizer, random => JsonMutator.MutateFile(random, tokenizer));
    }

    [Theory]
    [InlineData("tokenizer_config.json")]
    [InlineData("generation_config.json")]
    public void Read_DamagedTokenizerSettings_ReadsOrRefusesThem(string file)
    {
        string sound = File.ReadAllText(Fixture.Path("mistral-swa/" + file));
        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.json", File.ReadAllBytes(Fixture.Path("mistral-swa/tokenizer.json")));
        Check(300, folder, file, ReadTokenizer, random => JsonMutator.MutateFile(random, sound));
    }

    private void Check(int count, TemporaryFolder folder, string name, Action<string> read, Func<Random, byte[]> mutate)
    {
        (int opened, int refused) = FuzzRun.Over(count, mutate, file =>
        {
            folder.With(name, file);
            read(folder.Path);
        });
        output.WriteLine($"{opened} read, {refused} refused");
        Assert.True(opened > 0 && refused > count / 10);
    }

    private static void ReadWeights(string path)
    {
        using SafetensorsCheckpoint checkpoint = SafetensorsCheckpoint.Open(path);
        foreach (string name in s_names.Select(name => name + ".weight").Where(checkpoint.Has))
        {
            IWeightMatrix matrix = checkpoint.Get(name);
            matrix.Dequantize(matrix.Rows - 1, new float[matrix.Columns]);
            if (matrix.Packing != WeightPacking.Floats)
            {
                int blocks = matrix.Columns / matrix.Packing.BlockSize();
                matrix.Pack(matrix.Rows - 1, new byte[matrix.Columns * matrix.Packing.Bits() / 8], new float[blocks], matrix.HasOffsets ? new float[blocks] : []);
            }
        }

        DecoderConfig config = DecoderConfigReader.Read(checkpoint);
        Assert.True(config.Width > 0);
    }

    private static void ReadTokenizer(string path)
    {
        ModelTokenizer tokenizer = HuggingFaceTokenizer.Read(path);
        _ = tokenizer.Tokenizer.Decode(tokenizer.Tokenizer.Encode(" play some <s>jazz</s>\u00e9\n 12345", parseSpecial: true));
    }
}
