using CacheProxy.Benchmarks.Prices;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Ledger.Prices;

public sealed class PriceFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("cacheproxy-prices-").FullName, PriceFile.FileName);

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Fact]
    public void ShippedTable_IsWhatTheProgramMakes()
    {
        if (Repository.Shared("data", "litellm-prices", "model_prices.json") is not { } litellm || Repository.Shared("data", "llm-prices") is not { } llmPrices)
        {
            Assert.Skip("The shared data folder is absent.");
            return;
        }

        Assert.Equal(PriceTableBuilder.Write(PriceTableBuilder.Build(litellm, llmPrices)), File.ReadAllText(Repository.File("config", PriceFile.FileName)));
    }

    [Fact]
    public void ShippedTable_HasPlausibleRows_EachOnceAtATime()
    {
        PriceFile file = PriceFile.Read(Repository.File("config", PriceFile.FileName));

        Assert.InRange(file.Models.Count, 250, 600);
        Assert.Equal("USD per million tokens, and per thousand searches", file.Unit);
        Assert.All(file.Models, row => Assert.Contains(file.Sources, source => source.Name == row.Source));
        Assert.All(file.Models, row => Assert.True(row.Input > 0, row.Model));
        Assert.All(file.Models.Where(row => row.CachedInput is not null), row => Assert.True(row.CachedInput <= row.Input, row.Model));
        Assert.Empty(file.Models.SelectMany(row => (row.Aliases ?? []).Prepend(row.Model), (row, name) => (row.Provider, Name: ModelNames.Normal(name), row.From)).GroupBy(key => key).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Theory]
    [InlineData("""{"models":[{"provider":"openai","model":"m","input":0.000003,"output":1}]}""", "models[0] (openai/m): input is 0.000003")]
    [InlineData("""{"models":[{"provider":"openai","model":"a","input":1,"output":1},{"provider":"openai","model":"b","input":1,"output":3000000}]}""", "models[1] (openai/b): output is 3000000")]
    [InlineData("""{"models":[{"provider":"openai","model":"m","input":-1,"output":1}]}""", "input is -1")]
    [InlineData("""{"models":[{"provider":"openai","model":"m","input":1,"output":1,"above_tokens":5}]}""", "above_tokens and above belong together")]
    [InlineData("""{"models":[{"provider":"openai","model":"m","input":1,"output":1,"from":"2026-02-01","to":"2026-01-01"}]}""", "from is not before to")]
    [InlineData("""{"models":[{"provider":"openai","input":1,"output":1}]}""", "model and provider are missing")]
    [InlineData("""{"models":[{"provider":"openai","model":"m","inptu":1}]}""", "inptu")]
    [InlineData("""{"models":[{"provider":"openai","model":"a","input":1,"output":1},{"provider":"openai","model":"m","input":"three"}]}""", "models[1] (openai/m): input is the text \"three\"")]
    [InlineData("""{"models":[{"provider":"openai","model":"m","input":"2.5","output":1}]}""", "models[0] (openai/m): input is the text \"2.5\"")]
    [InlineData("""{"models":[{"provider":"openai","model":"m","input":NaN,"output":1}]}""", "models[0] (openai/m): input is no JSON")]
    [InlineData("""{"models":[{"provider":"openai","model":"m","input":-Infinity,"output":1}]}""", "models[0] (openai/m): input is no JSON")]
    [InlineData("""{"models":[{"provider":"openai","model":"m","input":1e400,"output":1}]}""", "models[0] (openai/m): input is 1e400")]
    [InlineData("""{"models":[{"input":1,"output":[2],"model":"m","provider":"openai"}]}""", "models[0] (openai/m): output is a list")]
    [InlineData("""{"models":[{"provider":"openai","model":"m","input":1,"output":1,"above_tokens":9,"above":{"input":"x"}}]}""", "models[0] (openai/m): above.input is the text")]
    [InlineData("""{"models":[{"provider":"openai","model":"m","input":1,"output":1,"batch":{"input":0.0000025,"output":1}}]}""", "models[0] (openai/m): batch.input is 0.0000025")]
    [InlineData("""{"models":[{"provider":"openai","model":"m","input":1,"output":1,"search":0.01}]}""", "models[0] (openai/m): search is 0.01; US dollars per thousand searches")]
    [InlineData("""{"models":[{"provider":"openai","model":"m","input":1,"output":1,"cached_input":-0.5}]}""", "models[0] (openai/m): cached_input is -0.5")]
    [InlineData("""{"models":[""", "prices.json")]
    [InlineData("{}", "no models")]
    [InlineData("null", "empty")]
    [InlineData("", "prices.json")]
    public void BrokenTable_IsRefused_WithItsRow(string json, string message)
    {
        File.WriteAllText(_path, json);

        InvalidDataException fault = Assert.Throws<InvalidDataException>(() => PriceFile.Read(_path));

        Assert.Contains(_path, fault.Message);
        Assert.Contains(message, fault.Message);
    }

    [Theory]
    [InlineData(0.000003, "Ledger:Prices:0:Input of m is 0.000003: US dollars per million tokens are expected")]
    [InlineData(3_000_000, "Ledger:Prices:0:Input of m is 3000000")]
    [InlineData(-2, "Ledger:Prices:0:Input of m is -2")]
    [InlineData(0, null)]
    [InlineData(2.5, null)]
    public void Override_InAnotherUnit_IsRefused(double input, string? message)
    {
        var options = new LedgerOptions { Prices = [new PriceOverride { Model = "m", Input = (decimal)input, Output = 1 }] };

        Assert.Equal(message is null, new LedgerOptionsValidator().Validate(null, options).Succeeded);
        Assert.Contains(message ?? "", new LedgerOptionsValidator().Validate(null, options).FailureMessage ?? "");
    }

    [Fact]
    public void Override_WithoutAModel_IsRefused()
        => Assert.Contains("Ledger:Prices:0:Model", new LedgerOptionsValidator().Validate(null, new LedgerOptions { Prices = [new PriceOverride { Input = 1 }] }).FailureMessage);
}
