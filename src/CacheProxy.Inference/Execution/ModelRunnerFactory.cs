using CacheProxy.Inference.Execution.Device;
using CacheProxy.Inference.Weights;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Inference.Execution;

/// <summary>Chooses the runner for a model: on a card where one is wanted and usable, else on the CPU, and says which and why.</summary>
public static partial class ModelRunnerFactory
{
    /// <param name="checkpoint">Stays open as long as the runner.</param>
    /// <exception cref="ModelFormatException">The model is of another architecture, incomplete, or of a format without code.</exception>
    /// <exception cref="InsufficientMemoryException">The card cannot hold the weights and one sequence.</exception>
    public static IModelRunner Load(ICheckpoint checkpoint, ModelRunnerOptions options, ILogger logger) =>
        Load(checkpoint, options, logger, () => new CudaDevice(options.DeviceId, options.CudaGraphs));

    internal static IModelRunner Load(ICheckpoint checkpoint, ModelRunnerOptions options, ILogger logger, Func<IDevice> open)
    {
        if (options.Device != ModelDevice.Cpu)
        {
            try
            {
                RequirePlainKv(options);
                IModelRunner runner = DeviceModelRunner.Load(checkpoint, open(), options);
                Log.OnDevice(logger, checkpoint.Path, runner.BlockCount, runner.BlockSize);
                return runner;
            }
            catch (Exception reason) when (reason is DllNotFoundException or EntryPointNotFoundException or NotSupportedException or InvalidOperationException or OnnxRuntimeException)
            {
                Log.FallBack(logger, options.Device == ModelDevice.Cuda ? LogLevel.Warning : LogLevel.Information, checkpoint.Path, reason.Message);
            }
        }

        return OnnxModelRunner.Load(checkpoint, options);
    }

    /// <exception cref="NotSupportedException">An option asks for what only the CPU's attention does.</exception>
    private static void RequirePlainKv(ModelRunnerOptions options)
    {
        if (options.KvDataType != KvDataType.Float32 || options.Eviction is not null)
        {
            throw new NotSupportedException("8-bit keys and values, and eviction from the context, are computed on the CPU alone");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1220, LogLevel.Information, "{Model} runs on the GPU with {Blocks} KV blocks of {Tokens} tokens", EventName = "RunsOnDevice")]
        public static partial void OnDevice(ILogger logger, string model, int blocks, int tokens);

        [LoggerMessage(EventId = 1221, EventName = "RunsOnCpu", Message = "{Model} runs on the CPU: no GPU is usable ({Reason})")]
        public static partial void FallBack(ILogger logger, LogLevel level, string model, string reason);
    }
}
