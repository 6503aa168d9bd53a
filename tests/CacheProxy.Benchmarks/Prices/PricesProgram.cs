using System.Text;
using CacheProxy.Ledger.Prices;
using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks.Prices;

/// <summary>Writes the price table that is shipped.</summary>
internal sealed class PricesProgram : IBenchmark
{
    public string Name => "prices";

    public string Summary => "makes config/prices.json of the price tables in the shared data folder";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if (Repository.Shared("data", "litellm-prices", "model_prices.json") is not { } litellm || Repository.Shared("data", "llm-prices") is not { } llmPrices)
        {
            Console.WriteLine("There is no shared data folder beside the checkout.");
            return;
        }

        PriceFile file = PriceTableBuilder.Build(litellm, llmPrices);
        string path = Repository.File("config", PriceFile.FileName);
        await File.WriteAllTextAsync(path, PriceTableBuilder.Write(file), new UTF8Encoding(false), cancellationToken);
        Console.WriteLine($"{path}: {PriceFile.Read(path).Models.Count} rows, {new FileInfo(path).Length} bytes");
    }
}
