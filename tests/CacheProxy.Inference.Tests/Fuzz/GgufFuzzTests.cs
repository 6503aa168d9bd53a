using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Tests.Gguf;
using CacheProxy.Inference.Tests.Safetensors;
using CacheProxy.Inference.Tokenizers;
using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Tests.Fuzz;

public sealed class GgufFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Open_DamagedFiles_ReadsOrRefusesThem()
    {
        byte[] sound = Sound();
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.gguf");
        (int read, int refused) = FuzzRun.Over(2000, random => BytesMutator.Mutate(random, sound, sound.Length - 2000), file =>
        {
            File.WriteAllBytes(path, file);
            ReadAll(path);
        });
        output.WriteLine($"{read} read, {refused} refused");
        Assert.True(read > 100 && refused > 500);
    }

    private static void ReadAll(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        foreach (GgufTensor tensor in file.Tensors.Values)
        {
            if (TensorFormat.Find(tensor.Type)?.Dequantize is null)
            {
                continue;
            }

            IWeightMatrix matrix = file.Get(tensor.Name);
            float[] weights = new float[matrix.Columns];
            matrix.Dequantize(0, weights);
            matrix.Dequantize(matrix.Rows - 1, weights);
            if (matrix.Packing != WeightPacking.Floats)
            {
                int blocks = matrix.Columns / matrix.Packing.BlockSize();
                matrix.Pack(matrix.Rows - 1, new byte[matrix.Columns], new float[blocks], matrix.HasOffsets ? new float[blocks] : []);
            }
        }

        ModelTokenizer tokenizer = GgufTokenizer.Read(file);
        _ = tokenizer.Tokenizer.Decode(tokenizer.Tokenizer.Encode("the cat sat\n", parseSpecial: true));
    }

    private static byte[] Sound()
    {
        string[] letters = [.. Enumerable.Range('a', 26).Select(c => ((char)c).ToString())];
        GgufWriter writer = new GgufWriter()
            .Add("general.architecture", "llama")
            .Add("general.alignment", 32u)
            .Add("tokenizer.ggml.model", "gpt2")
            .Add("tokenizer.ggml.pre", "smollm")
            .Add("tokenizer.ggml.tokens", (string[])[.. letters, "Ġ", "th", "the", "at", "<|end|>"])
            .Add("tokenizer.ggml.token_type", (int[])[.. Enumerable.Repeat(1, 30), 3])
            .Add("tokenizer.ggml.merges", (string[])["t h", "th e", "a t"])
            .Add("tokenizer.ggml.eos_token_id", 30u);
        foreach ((GgufTensorType type, int bytes) in ((GgufTensorType, int)[])
            [(GgufTensorType.F16, 512), (GgufTensorType.Q4_0, 144), (GgufTensorType.Q4_1, 160), (GgufTensorType.Q5_0, 176), (GgufTensorType.Q5_1, 192), (GgufTensorType.Q8_0, 272), (GgufTensorType.Q4_K, 144), (GgufTensorType.Q5_K, 176), (GgufTensorType.Q6_K, 210)])
        {
            writer.AddTensor($"blk.0.{type}.weight", type, new byte[bytes], 256);
        }

        return writer.ToArray();
    }
}
