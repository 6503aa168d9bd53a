using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Families;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Families;

/// <summary>Whatever stands in a config.json, reading it ends in a config or in an error that names the file.</summary>
public sealed class SettingsFuzzTests
{
    private const int Mutations = 1500;

    private static readonly string[] Values =
        ["null", "-1", "0", "1", "3", "16", "0.5", "1e38", "-1e-40", "1e400", "2147483648", "16777216", "true", "\"linear\"", "\"yarn\"", "\"\"", "[]", "[0]", "[null]", "[1,2,3,4,5,6]", "{}", "{\"rope_type\":\"yarn\"}"];

    [Theory]
    [InlineData("qwen2")]
    [InlineData("gemma3")]
    [InlineData("phi3-longrope")]
    public void Read_MutatedConfig_ReadsOrNamesTheFile(string model)
    {
        string text = File.ReadAllText(Fixture.Path(model + "/config.json"));
        var random = new Random(model.Length);
        int refused = 0;
        for (int i = 0; i < Mutations; i++)
        {
            JsonObject config = JsonNode.Parse(text)!.AsObject();
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                Mutate(config, random);
            }

            try
            {
                using ICheckpoint checkpoint = FamilyModel.Open(model, new HuggingFaceSettings("config.json", JsonSerializer.SerializeToElement(config)));
                DecoderConfigReader.Read(checkpoint);
            }
            catch (ModelFormatException error)
            {
                Assert.Equal("config.json", Path.GetFileName(error.File));
                refused++;
            }
        }

        Assert.InRange(refused, Mutations / 4, Mutations - 1);
    }

    private static void Mutate(JsonObject config, Random random)
    {
        string key = config.ElementAt(random.Next(config.Count)).Key;
        if (config[key] is JsonObject { Count: > 0 } inner && random.Next(4) > 0)
        {
            Mutate(inner, random);
            return;
        }

        config[key] = JsonNode.Parse(Values[random.Next(Values.Length)]);
    }
}
