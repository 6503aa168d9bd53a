namespace CacheProxy.Inference.Execution.Device;

/// <summary>Memory of a device, freed with this object.</summary>
internal sealed class DeviceBuffer(IDevice device, long bytes) : IDisposable
{
    private bool _disposed;

    public nint Address { get; } = device.Allocate(bytes);

    public long ByteLength => bytes;

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            device.Free(Address);
        }
    }
}
