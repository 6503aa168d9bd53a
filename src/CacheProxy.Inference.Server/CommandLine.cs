using System.Diagnostics.CodeAnalysis;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Inference.Tiers;

namespace CacheProxy.Inference.Server;

/// <summary>The arguments of the stand-alone backend.</summary>
internal static class CommandLine
{
    /// <summary>Sets <see cref="InferenceServerOptions.Url"/> where no argument does.</summary>
    public const string UrlVariable = "CACHEPROXY__Backend__Url";

    private const int HelpColumn = 32;

    private static readonly Argument[] Arguments =
    [
        Argument.Text("--model", "PATH", "GGUF file, or folder with config.json, tokenizer.json and safetensors (default: the bundled chat model)", (options, path) => options with { ModelPath = path }),
        Argument.Text("--name", "NAME", "name of that model (default: that of its file or folder)", (options, name) => options with { ModelName = name }),
        Argument.Text("--models", "FOLDER", "folder of models.json with the bundled models (default: config/models, searched upwards)", (options, folder) => options with { ModelsFolder = folder }),
        Argument.Text("--url", "URL", "where to listen (default: http://127.0.0.1:8081)", (options, url) => options with { Url = url }),
        Argument.Choice(
            "--device", "WHERE", "auto, cpu or cuda (default: auto, a CUDA card where one is usable)", (options, device) => options with { Runner = options.Runner with { Device = device } },
            ("auto", ModelDevice.Auto), ("cpu", ModelDevice.Cpu), ("cuda", ModelDevice.Cuda)),
        Argument.Number("--threads", "threads that compute (default: one per processor)", 1, int.MaxValue, (options, threads) => options with { Runner = options.Runner with { Threads = threads } }),
        Argument.Number("--max-running", "sequences generated at once (default: 64)", 1, int.MaxValue, (options, count) => options with { Scheduling = options.Scheduling with { MaxRunning = count } }),
        Argument.Number("--max-waiting", "requests that may wait (default: 256)", 1, int.MaxValue, (options, count) => options with { Scheduling = options.Scheduling with { MaxWaiting = count } }),
        Argument.Number(
            "--default-max-tokens", "tokens of an answer whose request names no most; 0: all that the context has room for (default: 2048)", 0, int.MaxValue,
            (options, tokens) => options with { DefaultMaxTokens = tokens }),
        Argument.Number(
            "--max-waiting-per-tenant", "of those, of one tenant (default: three quarters)", 1, int.MaxValue,
            (options, count) => options with { Scheduling = options.Scheduling with { MaxWaitingPerTenant = count } }),
        Argument.Number(
            "--speculate", "most tokens drafted ahead in one step (default: 16)", 0, GenerationRequest.MaxSpeculate,
            (options, tokens) => options with { Scheduling = options.Scheduling with { SpeculativeTokens = tokens } }),
        Argument.Number("--kv-blocks", "KV pool in blocks of 16 tokens (default: 1024)", 1, int.MaxValue, (options, blocks) => options with { Runner = options.Runner with { BlockCount = blocks } }),
        Argument.Choice(
            "--kv-dtype", "TYPE", "float32 or int8, which takes a quarter of the memory (default: float32)", (options, type) => options with { Runner = options.Runner with { KvDataType = type } },
            ("float32", KvDataType.Float32), ("int8", KvDataType.Int8)),
        Argument.Number(
            "--kv-window", "attend to the last N tokens and the sinks alone, so that answers may outgrow the context (default: to all)", 1, int.MaxValue,
            (options, tokens) => options with { Runner = options.Runner with { Eviction = (options.Runner.Eviction ?? new ContextEviction()) with { Window = tokens } } }),
        Argument.Number(
            "--kv-sinks", "tokens at the start that a window leaves in sight, a multiple of 16 (default: 16)", 0, int.MaxValue,
            (options, tokens) => options with { Runner = options.Runner with { Eviction = (options.Runner.Eviction ?? new ContextEviction()) with { Sinks = tokens } } }),
        Argument.Number(
            "--kv-ram-mb", "memory beside the pool for evicted KV blocks, in MiB (default: 0)", 0, int.MaxValue,
            (options, megabytes) => WithTiers(options, options.Cache.Tiers with { RamBytes = (long)megabytes << 20 })),
        Argument.Number(
            "--kv-disk-mb", "disk for KV blocks that fall out of memory, in MiB (default: 0)", 0, int.MaxValue,
            (options, megabytes) => WithTiers(options, options.Cache.Tiers with { DiskBytes = (long)megabytes << 20 })),
        Argument.Text(
            "--kv-disk-path", "FOLDER", "folder of those, this backend's alone; they survive a restart",
            (options, folder) => WithTiers(options, options.Cache.Tiers with { DiskPath = folder })),
    ];

    // The first alone would be ignored, or switch on what it only shapes.
    private static readonly (string Name, string Other)[] Needs =
        [("--name", "--model"), ("--kv-sinks", "--kv-window"), ("--kv-disk-path", "--kv-disk-mb")];

    public static string Help => "Serves a model over an OpenAI-compatible API.\n\n" + string.Concat(Arguments.Select(argument =>
        $"  {argument.Name} {argument.Value}".PadRight(HelpColumn) + " " + argument.Help + "\n"));

    /// <summary>Also in the middle of other arguments, where somebody stopped to look one up.</summary>
    public static bool WantsHelp(IReadOnlyList<string> arguments) => arguments.Contains("--help") || arguments.Contains("-h");

    /// <param name="error">What is wrong with the arguments.</param>
    public static bool TryParse(IReadOnlyList<string> arguments, string? urlVariable, [NotNullWhen(true)] out InferenceServerOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = new InferenceServerOptions { ModelsFolder = ModelsFolder.Find() };
        options = string.IsNullOrEmpty(urlVariable) ? options : options with { Url = urlVariable };
        error = null;
        for (int i = 0; i < arguments.Count && error is null; i += 2)
        {
            Argument? argument = Array.Find(Arguments, known => known.Name == arguments[i]);
            if (argument is null || i + 1 == arguments.Count)
            {
                error = argument is null ? $"Unknown argument {arguments[i]}." : $"{arguments[i]} needs a value.";
            }
            else if (argument.Apply(options, arguments[i + 1]) is { } applied)
            {
                options = applied;
            }
            else
            {
                error = $"{argument.Name} is {argument.Takes}, not '{arguments[i + 1]}'.";
            }
        }

        error ??= Needs.Where(pair => arguments.Contains(pair.Name) && !arguments.Contains(pair.Other)).Select(pair => $"{pair.Name} needs {pair.Other}.").FirstOrDefault();
        error ??= options.Cache.Tiers is { DiskBytes: > 0, DiskPath: null } ? "--kv-disk-mb needs --kv-disk-path." : null;
        options = error is null ? options : null;
        return error is null;
    }

    private static InferenceServerOptions WithTiers(InferenceServerOptions options, KvTierOptions tiers) =>
        options with { Cache = options.Cache with { Tiers = tiers } };
}
