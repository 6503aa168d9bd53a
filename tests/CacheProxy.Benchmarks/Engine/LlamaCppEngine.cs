using System.Diagnostics;
using System.Text.Json;
using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks.Engine;

/// <summary>llama.cpp through node-llama-cpp's prebuilt binary, driven over JSON lines by llamacpp/driver.mjs.</summary>
internal sealed class LlamaCppEngine : IEngine
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Process _process;

    private LlamaCppEngine(Process process) => _process = process;

    public static async Task<LlamaCppEngine> StartAsync(string model, int threads, CancellationToken cancellationToken)
    {
        string folder = Repository.File("tests", "CacheProxy.Benchmarks", "llamacpp");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            Console.WriteLine("installing node-llama-cpp (prebuilt binary, nothing is compiled)");
            await ChildProcess.RunAsync("npm", ["install", "--prefix", folder, "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--no-package-lock"], cancellationToken);
        }

        var start = new ProcessStartInfo("node", ["driver.mjs"]) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true };
        var engine = new LlamaCppEngine(Process.Start(start) ?? throw new InvalidOperationException("node did not start."));
        await engine.AskAsync(new { op = "load", path = model, threads }, cancellationToken);
        return engine;
    }

    public Task OpenAsync(int sequences, int tokens, CancellationToken cancellationToken) => AskAsync(new { op = "open", sequences, tokens }, cancellationToken);

    public Task<Timing> PrefillAsync(int[][] prompts, CancellationToken cancellationToken) => AskAsync(new { op = "prefill", prompts }, cancellationToken);

    public Task<Timing> DecodeAsync(int steps, CancellationToken cancellationToken) => AskAsync(new { op = "decode", steps }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<Timing> AskAsync(object command, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(command, Json).AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        string line = await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("llama.cpp's driver ended.");
        using JsonDocument answer = JsonDocument.Parse(line);
        return answer.RootElement.TryGetProperty("error", out JsonElement error)
            ? throw new InvalidOperationException("llama.cpp: " + error.GetString())
            : answer.RootElement.Deserialize<Timing>(Json)!;
    }
}
