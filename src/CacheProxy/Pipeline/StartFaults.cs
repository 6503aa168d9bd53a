using CacheProxy.Onnx.Models;
using CacheProxy.Pipeline.Configuration;
using Microsoft.Extensions.Options;

namespace CacheProxy.Pipeline;

/// <summary>Tells what an operator can mend, which is told in words, from a bug, which keeps its stack.</summary>
public static class StartFaults
{
    /// <summary>A wrong configuration, a port or folder that is taken, a missing or damaged model; also a start that was called off.</summary>
    public static bool IsOperators(Exception exception)
        => exception is ConfigurationException or OptionsValidationException or ModelFileException or InvalidDataException or IOException
            or UnauthorizedAccessException or OperationCanceledException;
}
