using System.Globalization;
using System.Text;
using System.Text.Json;
using CacheProxy.Embeddings;
using CacheProxy.TestKit;
using CacheProxy.Tests.Functional;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Embeddings;

/// <summary>What is recorded in one encoding is given in the other as the upstream itself would have.</summary>
public class EmbeddingEncodingTests
{
    private static readonly string Float = Fixture("openai-float.json");
    private static readonly string Base64 = Fixture("openai-base64.json");

    [Theory]
    [InlineData("float", "base64")]
    [InlineData("base64", "float")]
    [InlineData("float", "float")]
    [InlineData("base64", "base64")]
    public async Task OpenAIsAnswer_IsGivenInTheOtherEncodingToTheBit(string recorded, string asked)
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        sut.Script = (context, body, _) =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(body.Contains("base64", StringComparison.Ordinal) ? Base64 : Float);
        };
        await sut.AskAsync("How do I reset my password?", $",\"encoding_format\":\"{recorded}\"");

        Reply hit = await sut.AskAsync("How do I reset my password?", $",\"encoding_format\":\"{asked}\"");

        Assert.StartsWith("CacheProxy; hit", hit.CacheStatus);
        JsonElement source = JsonDocument.Parse(recorded == "float" ? Float : Base64).RootElement;
        float[] expected = VectorOf(source);
        Assert.Equal(Bits(expected), Bits(VectorOf(hit.Json)));
        Assert.Equal(source.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), hit.Json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        if (asked == "float")
        {
            // Also to a client that reads doubles: OpenAI sends the shortest digits of each float32, as base64 of the same text shows.
            JsonElement texts = JsonDocument.Parse(Float).RootElement.GetProperty("data")[0].GetProperty("embedding");
            Assert.Equal(texts.EnumerateArray().Select(number => number.GetDouble()), hit.Json.GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(number => number.GetDouble()));
        }
    }

    // 0.1f as a double is 0.10000000149011612: a server that widens sends those digits, and its clients read that double.
    [Theory]
    [InlineData("0.10000000149011612,0.5,-1e-05", "0.10000000149011612,0.5,-1e-05", "double")]
    [InlineData("0.10000000149011612,0.5,-0.25", "0.10000000149011612,0.5,-0.25", "widened")]
    [InlineData("0.1,0.50,-1e-05,1E2,0,-0.0", "0.1,0.5,-1E-05,100,0,-0", "single")]
    [InlineData("0.123456789012345,0.5", "0.123456789012345,0.5", "double")]
    public async Task Digits_ThatAFloat32DoesNotHold_AreKept(string recorded, string expected, string form)
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        sut.Script = (context, _, _) =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync($$"""{"object":"list","data":[{"object":"embedding","index":0,"embedding":[{{recorded}}]}],"model":"m"}""");
        };
        await sut.AskAsync("a");

        Reply text = await sut.AskAsync("a");
        Reply base64 = await sut.AskAsync("a", ",\"encoding_format\":\"base64\"");

        Assert.Equal("1/1", base64.Inputs());
        double[] before = Doubles(recorded);
        double[] after = [.. text.Json.GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(number => number.GetDouble())];
        Assert.Equal(before.Select(BitConverter.DoubleToInt64Bits), after.Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(Doubles(expected), after);
        Assert.Equal(Bits([.. before.Select(number => (float)number)]), Bits(VectorOf(base64.Json)));
        Assert.Equal(form, FormOf(recorded));
        Assert.False(text.Json.TryGetProperty("usage", out _));
    }

    [Fact]
    public void Numbers_OfAnyFloat32_ComeBackWithTheirBitsFromEitherText()
    {
        var random = new Random(7);
        float[] vector = [.. Enumerable.Range(0, 20_000).Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue))).Where(float.IsFinite)];
        foreach (bool widened in new[] { false, true })
        {
            string text = string.Join(',', vector.Select(number => widened ? ((double)number).ToString("R", CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture)));

            byte[] body = Read($"[{text}]")!;

            Assert.Equal(widened ? VectorForm.WidenedSingle : VectorForm.Single, (VectorForm)body[0]);
            Assert.Equal(Bits(vector), Bits(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(body.AsSpan(8)).ToArray()));
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[1,null]")]
    [InlineData("[1,\"2\"]")]
    [InlineData("[1e300]")]
    [InlineData("[1e999]")]
    [InlineData("\"\"")]
    [InlineData("\"AAA\"")]
    [InlineData("\"AAAAAAAA\"")]
    [InlineData("\"!!!!\"")]
    [InlineData("\"AADAfw==\"")]
    [InlineData("\"AACAfw==\"")]
    public void Numbers_ThatNoVectorHas_AreNotRead(string json) => Assert.Null(Read(json));

    private static byte[]? Read(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? VectorNumbers.TryReadBase64(ref reader) : new VectorNumbers().TryReadText(ref reader);
    }

    private static string FormOf(string numbers) => (VectorForm)Read($"[{numbers}]")![0] switch
    {
        VectorForm.Single => "single",
        VectorForm.WidenedSingle => "widened",
        _ => "double",
    };

    private static double[] Doubles(string numbers) => [.. numbers.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];

    private static int[] Bits(float[] vector) => [.. vector.Select(BitConverter.SingleToInt32Bits)];

    private static float[] VectorOf(JsonElement answer)
    {
        JsonElement vector = answer.GetProperty("data")[0].GetProperty("embedding");
        return vector.ValueKind == JsonValueKind.String
            ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(vector.GetBytesFromBase64()).ToArray()
            : [.. vector.EnumerateArray().Select(number => number.GetSingle())];
    }

    private static string Fixture(string name) => File.ReadAllText(Repository.File("tests", "CacheProxy.Tests", "Embeddings", "Fixtures", name));
}
