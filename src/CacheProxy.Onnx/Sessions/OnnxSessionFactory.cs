using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Onnx.Sessions;

/// <summary>The one place that makes session options and sessions, so that threads and provider are decided once. Thread-safe.</summary>
public sealed class OnnxSessionFactory
{
    private readonly OnnxSessionSettings _settings;
    private volatile string? _fallbackReason;

    public OnnxSessionFactory(OnnxSessionSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(settings.IntraOpThreads);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.DeviceId);
        _settings = settings;
        if (settings.Provider == ExecutionProvider.Cuda && !OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
        {
            _fallbackReason = "this build of the ONNX Runtime library has no CUDA provider";
        }
    }

    /// <summary>Version of the native library.</summary>
    public static string RuntimeVersion => OrtEnv.Instance().GetVersionString();

    /// <summary>The provider in use: the wanted one unless <see cref="FallbackReason"/> says why not.</summary>
    public ExecutionProvider Provider => _fallbackReason is null ? _settings.Provider : ExecutionProvider.Cpu;

    /// <summary>Why the CPU runs what CUDA was asked for, for the start-up log; null without a fallback. Complete once a session was loaded.</summary>
    public string? FallbackReason => _fallbackReason;

    /// <summary>Options as configured; the caller may add custom operators or initialisers before it makes the session.</summary>
    /// <exception cref="OnnxRuntimeException">CUDA was asked for and its libraries cannot be loaded.</exception>
    public SessionOptions CreateOptions()
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = _settings.IntraOpThreads == 0 ? Environment.ProcessorCount : _settings.IntraOpThreads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", _settings.AllowSpinning ? "1" : "0");
        if (Provider == ExecutionProvider.Cuda)
        {
            try
            {
                options.AppendExecutionProvider_CUDA(_settings.DeviceId);
            }
            catch
            {
                options.Dispose();
                throw;
            }
        }

        return options;
    }

    /// <summary>Loads a model file, on the CPU where CUDA does not come up.</summary>
    /// <exception cref="OnnxRuntimeException">The model cannot be loaded on the CPU either.</exception>
    public InferenceSession Load(string modelPath) => Load(options => new InferenceSession(modelPath, options));

    /// <summary>Makes a session from options, on the CPU where CUDA does not come up; <paramref name="create"/> may run twice.</summary>
    public InferenceSession Load(Func<SessionOptions, InferenceSession> create)
    {
        if (Provider == ExecutionProvider.Cuda)
        {
            try
            {
                using SessionOptions cuda = CreateOptions();
                return create(cuda);
            }
            catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
            {
                _fallbackReason = e.Message;
            }
        }

        using SessionOptions options = CreateOptions();
        return create(options);
    }
}
