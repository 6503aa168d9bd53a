using System.Globalization;
using System.Text.Json;
using CacheProxy.Benchmarks.Prices;
using CacheProxy.Ledger.Prices;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Ledger.Prices;

/// <summary>Every rule of price that the two public tables know is applied, marks what it concerns, or makes it unknown; none is passed over.</summary>
public sealed class PriceTableBuilderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cacheproxy-prices-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Fields_OfTheOlderTable_AreTheOnesThatSomethingIsSaidOf()
    {
        if (Repository.Shared("data", "litellm-prices", "model_prices.json") is not { } path)
        {
            Assert.Skip("The shared data folder is absent.");
            return;
        }

        using JsonDocument table = JsonDocument.Parse(File.ReadAllBytes(path));
        IEnumerable<string> fields = table.RootElement.EnumerateObject().SelectMany(model => model.Value.EnumerateObject()).Select(field => field.Name).Where(OlderFields.IsPrice).Distinct();

        Assert.Equal(OlderFields.All.Keys.Order(StringComparer.Ordinal), fields.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Field_ThatNobodyKnows_StopsTheBuilder_AlsoInAModelThatIsNotShipped()
    {
        InvalidDataException fault = Assert.Throws<InvalidDataException>(() => Older("""{"litellm_provider":"nobody","mode":"rerank","input_cost_per_dream":1e-6}"""));

        Assert.Contains("m has the price input_cost_per_dream", fault.Message);
    }

    [Fact]
    public void Field_ThatNobodyKnows_OfTheNewerTable_StopsTheBuilder()
    {
        string price = """{"input":1,"output":2,"input_cached":null,"cache_write":3,"from_date":null,"to_date":null}""";
        File.WriteAllText(Path.Combine(_folder.FullName, "openai.json"), $$"""{"vendor":"openai","models":[{"id":"m","name":"M","price_history":[{{price}}]}]}""");

        Assert.Contains("openai/m has the price cache_write", Assert.Throws<InvalidDataException>(() => NewerTable.Read(_folder.FullName).ToList()).Message);
    }

    [Fact]
    public void Tariffs_OfTheOlderTable_AreAllTaken()
    {
        PriceRow row = Older("""
            {"litellm_provider":"openai","mode":"chat","input_cost_per_token":2e-6,"output_cost_per_token":8e-6,"cache_read_input_token_cost":5e-7,
             "input_cost_per_token_flex":1e-6,"output_cost_per_token_flex":4e-6,"cache_read_input_token_cost_flex":2.5e-7,
             "input_cost_per_token_priority":3.5e-6,"output_cost_per_token_priority":1.4e-5,"cache_read_input_token_cost_priority":8.75e-7,
             "input_cost_per_token_batches":1e-6,"output_cost_per_token_batches":4e-6,
             "input_cost_per_token_above_272k_tokens":4e-6,"output_cost_per_token_above_272k_tokens":1.2e-5,"cache_read_input_token_cost_above_272k_tokens":1e-6,
             "cache_creation_input_token_cost":2.5e-6,"cache_creation_input_token_cost_above_1hr":4e-6}
            """)!;

        Assert.Equal(new TokenRates { Input = 2, Output = 8, CachedInput = 0.5m, CacheWrite = 2.5m, CacheWriteHour = 4 }, RatesOf(row));
        Assert.Equal(new TokenRates { Input = 1, Output = 4, CachedInput = 0.25m }, row.Flex);
        Assert.Equal(new TokenRates { Input = 3.5m, Output = 14, CachedInput = 0.875m }, row.Priority);
        Assert.Equal(new TokenRates { Input = 1, Output = 4 }, row.Batch);
        Assert.Equal((272_000L, new TokenRates { Input = 4, Output = 12, CachedInput = 1 }), (row.AboveTokens, row.Above));
    }

    [Fact]
    public void Flex_OfOpenAI_IsWhatBatchesCost_WhereTheTableDoesNotSay()
    {
        const string prices = "\"mode\":\"chat\",\"input_cost_per_token\":2e-6,\"output_cost_per_token\":8e-6,\"input_cost_per_token_batches\":1e-6,\"output_cost_per_token_batches\":4e-6";

        Assert.Equal(new TokenRates { Input = 1, Output = 4 }, Older($$"""{"litellm_provider":"openai",{{prices}}}""")!.Flex);
        Assert.Null(Older($$"""{"litellm_provider":"azure",{{prices}}}""")!.Flex);
    }

    [Theory]
    [InlineData("openai", """{"search_context_size_low":0.03,"search_context_size_medium":0.035,"search_context_size_high":0.05}""", null)]
    [InlineData("openai", """{"search_context_size_low":0.01,"search_context_size_medium":0.01,"search_context_size_high":0.01}""", "10")]
    [InlineData("anthropic", "{}", "10")]
    public void Search_HasAPrice_WhereItDoesNotDependOnWhatAnAnswerDoesNotSay(string provider, string sizes, string? usd)
        => Assert.Equal(
            usd is null ? null : decimal.Parse(usd, CultureInfo.InvariantCulture),
            Older($$"""{"litellm_provider":"{{provider}}","mode":"chat","input_cost_per_token":2e-6,"output_cost_per_token":8e-6,"search_context_cost_per_query":{{sizes}}}""")!.Search);

    [Theory]
    // Thoughts at a price of their own, and fees that no usage tells: better no price than a part of one.
    [InlineData("\"output_cost_per_reasoning_token\":3e-6", false)]
    [InlineData("\"output_cost_per_reasoning_token\":8e-6", true)]
    [InlineData("\"input_cost_per_request\":0.005", false)]
    [InlineData("\"input_cost_per_request\":0", true)]
    [InlineData("\"citation_cost_per_token\":2e-6", false)]
    [InlineData("\"output_cost_per_image\":0.04", false)]
    [InlineData("\"input_cost_per_audio_token\":4e-5", true)]
    [InlineData("\"input_cost_per_image\":2e-6", true)]
    public void Model_WithAPriceThatCannotBeApplied_IsLeftOut(string field, bool isKept)
        => Assert.Equal(isKept, Older($$"""{"litellm_provider":"openai","mode":"chat","input_cost_per_token":2e-6,"output_cost_per_token":8e-6,{{field}}}""") is not null);

    [Fact]
    public void CacheHit_UnderItsOlderName_IsTaken()
        => Assert.Equal(0.014m, Older("""{"litellm_provider":"deepseek","mode":"chat","input_cost_per_token":1.4e-7,"output_cost_per_token":2.8e-7,"input_cost_per_token_cache_hit":1.4e-8}""")!.CachedInput);

    private static TokenRates RatesOf(PriceRow row) => new()
    {
        Input = row.Input,
        Output = row.Output,
        CachedInput = row.CachedInput,
        CacheWrite = row.CacheWrite,
        CacheWriteHour = row.CacheWriteHour,
    };

    private PriceRow? Older(string fields)
    {
        string path = Path.Combine(_folder.FullName, "older.json");
        File.WriteAllText(path, $$"""{"m":{{fields}}}""");
        return OlderTable.Read(path).Values.SingleOrDefault();
    }
}
