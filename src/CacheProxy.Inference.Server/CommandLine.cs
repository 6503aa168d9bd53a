using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Models;

namespace CacheProxy.Inference.Server;

/// <summary>The arguments of the stand-alone backend.</summary>
internal static class CommandLine
{
    /// <summary>Sets <see cref="InferenceServerOptions.Url"/> where no argument does.</summary>
    public const string UrlVariable = "CACHEPROXY__Backend__Url";

    public const string Help = """
        Serves a model over an OpenAI-compatible API.

          --model PATH       GGUF file, or folder with config.json, tokenizer.json and safetensors
                             (default: the bundled chat model)
          --name NAME        name of that model (default: that of its file or folder)
          --models FOLDER    folder of models.json with the bundled models (default: config/models, searched upwards)
          --url URL          where to listen (default: http://127.0.0.1:8081)
          --max-running N    sequences generated at once (default: 64)
          --max-waiting N    requests that may wait (default: 256)
          --max-waiting-per-tenant N  of those, of one tenant (default: three quarters)
          --speculate N      most tokens drafted ahead in one step, 0 to 64 (default: 16)
          --kv-blocks N      KV pool in blocks of 16 tokens (default: 1024)
          --threads N        threads that compute (default: one per processor)
        """;

    /// <param name="error">What is wrong with the arguments.</param>
    public static bool TryParse(IReadOnlyList<string> arguments, string? urlVariable, [NotNullWhen(true)] out InferenceServerOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = new InferenceServerOptions { ModelsFolder = ModelsFolder.Find() };
        options = string.IsNullOrEmpty(urlVariable) ? options : options with { Url = urlVariable };
        for (int i = 0; i < arguments.Count; i += 2)
        {
            if (i + 1 == arguments.Count)
            {
                error = $"{arguments[i]} needs a value.";
                options = null;
                return false;
            }

            options = Apply(options, arguments[i], arguments[i + 1], out error);
            if (options is null)
            {
                error ??= $"Unknown argument {arguments[i]}.";
                return false;
            }
        }

        error = null;
        return true;
    }

    private static bool IsInRange(string name, int number) => name == "--speculate" ? number <= GenerationRequest.MaxSpeculate : number >= 1;

    /// <returns>Null when the argument is unknown, or its value wrong.</returns>
    private static InferenceServerOptions? Apply(InferenceServerOptions options, string name, string value, out string? error)
    {
        error = null;
        switch (name)
        {
            case "--model":
                return options with { ModelPath = value };
            case "--name":
                return options with { ModelName = value };
            case "--models":
                return options with { ModelsFolder = value };
            case "--url":
                return options with { Url = value };
        }

        if (name is not ("--max-running" or "--max-waiting" or "--max-waiting-per-tenant" or "--speculate" or "--kv-blocks" or "--threads"))
        {
            return null;
        }

        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || !IsInRange(name, number))
        {
            error = name == "--speculate" ? $"{name} is a whole number from 0 to {GenerationRequest.MaxSpeculate}, not '{value}'." : $"{name} is a whole number from 1, not '{value}'.";
            return null;
        }

        return name switch
        {
            "--max-running" => options with { Scheduling = options.Scheduling with { MaxRunning = number } },
            "--max-waiting" => options with { Scheduling = options.Scheduling with { MaxWaiting = number } },
            "--max-waiting-per-tenant" => options with { Scheduling = options.Scheduling with { MaxWaitingPerTenant = number } },
            "--speculate" => options with { Scheduling = options.Scheduling with { SpeculativeTokens = number } },
            "--kv-blocks" => options with { Runner = options.Runner with { BlockCount = number } },
            _ => options with { Runner = options.Runner with { Threads = number } },
        };
    }
}
