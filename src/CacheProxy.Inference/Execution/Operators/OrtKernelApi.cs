using System.Runtime.InteropServices;
using CacheProxy.Inference.Graph;
using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Inference.Execution.Operators;

/// <summary>The runtime's C functions that an operator needs and the managed API does not expose. Each returns a status, 0 for success.</summary>
internal static unsafe partial class OrtKernelApi
{
    private const int Fail = 1;

    private static readonly OrtApi* Api = Load();

    public static nint CreateDomain(string name)
    {
        nint domain;
        byte* text = (byte*)Marshal.StringToCoTaskMemUTF8(name);
        try
        {
            Check(((delegate* unmanaged<byte*, nint*, nint>)Api->CreateCustomOpDomain)(text, &domain));
            return domain;
        }
        finally
        {
            Marshal.FreeCoTaskMem((nint)text);
        }
    }

    public static void AddOperator(nint domain, NativeOperator* definition) =>
        Check(((delegate* unmanaged<nint, NativeOperator*, nint>)Api->CustomOpDomain_Add)(domain, definition));

    public static void AddDomain(nint sessionOptions, nint domain) =>
        Check(((delegate* unmanaged<nint, nint, nint>)Api->AddCustomOpDomain)(sessionOptions, domain));

    /// <summary>Gives a session's options the bytes of constants that the model declares to lie in files of the constants' names.</summary>
    /// <remarks>The bytes are read while the session is made and not after.</remarks>
    public static void AddFilesInMemory(nint sessionOptions, IReadOnlyList<OnnxInitializer> constants)
    {
        nint[] names = new nint[constants.Count], buffers = new nint[constants.Count];
        nuint[] lengths = new nuint[constants.Count];
        try
        {
            for (int i = 0; i < names.Length; i++)
            {
                names[i] = OperatingSystem.IsWindows() ? Marshal.StringToCoTaskMemUni(constants[i].Name) : Marshal.StringToCoTaskMemUTF8(constants[i].Name);
                (buffers[i], lengths[i]) = (constants[i].Data.DangerousGetHandle(), (nuint)constants[i].Data.ByteLength);
            }

            fixed (nint* name = names, buffer = buffers)
            fixed (nuint* length = lengths)
            {
                Check(((delegate* unmanaged<nint, nint*, nint*, nuint*, nuint, nint>)Api->AddExternalInitializersFromFilesInMemory)(
                    sessionOptions, name, buffer, length, (nuint)names.Length));
            }
        }
        finally
        {
            Array.ForEach(names, Marshal.FreeCoTaskMem);
        }
    }

    public static void ReleaseDomain(nint domain) => ((delegate* unmanaged<nint, void>)Api->ReleaseCustomOpDomain)(domain);

    public static long GetInteger(nint kernelInfo, ReadOnlySpan<byte> attribute)
    {
        long value;
        fixed (byte* name = attribute)
        {
            Check(((delegate* unmanaged<nint, byte*, long*, nint>)Api->KernelInfoGetAttribute_int64)(kernelInfo, name, &value));
        }

        return value;
    }

    public static float GetSingle(nint kernelInfo, ReadOnlySpan<byte> attribute)
    {
        float value;
        fixed (byte* name = attribute)
        {
            Check(((delegate* unmanaged<nint, byte*, float*, nint>)Api->KernelInfoGetAttribute_float)(kernelInfo, name, &value));
        }

        return value;
    }

    /// <summary>Data of an input, or null where an optional one is absent.</summary>
    public static float* GetInput(nint context, int index, out nint value)
    {
        nint found;
        Check(((delegate* unmanaged<nint, nuint, nint*, nint>)Api->KernelContext_GetInput)(context, (nuint)index, &found));
        value = found;
        return found == 0 ? null : GetData(found);
    }

    public static float* GetOutput(nint context, int index, long rows, long columns)
    {
        long* shape = stackalloc long[] { rows, columns };
        nint value;
        Check(((delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint>)Api->KernelContext_GetOutput)(context, (nuint)index, shape, 2, &value));
        return GetData(value);
    }

    public static long CountElements(nint value)
    {
        nint info;
        Check(((delegate* unmanaged<nint, nint*, nint>)Api->GetTensorTypeAndShape)(value, &info));
        nuint count;
        nint status = ((delegate* unmanaged<nint, nuint*, nint>)Api->GetTensorShapeElementCount)(info, &count);
        ((delegate* unmanaged<nint, void>)Api->ReleaseTensorTypeAndShapeInfo)(info);
        Check(status);
        return (long)count;
    }

    public static long[] GetShape(nint value)
    {
        nint info;
        Check(((delegate* unmanaged<nint, nint*, nint>)Api->GetTensorTypeAndShape)(value, &info));
        try
        {
            nuint count;
            Check(((delegate* unmanaged<nint, nuint*, nint>)Api->GetDimensionsCount)(info, &count));
            long[] shape = new long[count];
            fixed (long* sizes = shape)
            {
                Check(((delegate* unmanaged<nint, long*, nuint, nint>)Api->GetDimensions)(info, sizes, count));
            }

            return shape;
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)Api->ReleaseTensorTypeAndShapeInfo)(info);
        }
    }

    /// <summary>Runs tiles 0..count-1 on the session's own threads, this one included; returns when all are done.</summary>
    public static void ParallelFor(nint context, delegate* unmanaged<void*, nuint, void> tile, int count, nint state) =>
        Check(((delegate* unmanaged<nint, delegate* unmanaged<void*, nuint, void>, nuint, nuint, void*, nint>)Api->KernelContext_ParallelFor)(context, tile, (nuint)count, 0, (void*)state));

    /// <summary>A status for the runtime to own.</summary>
    public static nint CreateStatus(string message)
    {
        byte* text = (byte*)Marshal.StringToCoTaskMemUTF8(message);
        nint status = ((delegate* unmanaged<int, byte*, nint>)Api->CreateStatus)(Fail, text);
        Marshal.FreeCoTaskMem((nint)text);
        return status;
    }

    private static float* GetData(nint value)
    {
        void* data;
        Check(((delegate* unmanaged<nint, void**, nint>)Api->GetTensorMutableData)(value, &data));
        return (float*)data;
    }

    private static void Check(nint status)
    {
        if (status != 0)
        {
            byte* text = ((delegate* unmanaged<nint, byte*>)Api->GetErrorMessage)(status);
            string message = Marshal.PtrToStringUTF8((nint)text) ?? "unknown error";
            ((delegate* unmanaged<nint, void>)Api->ReleaseStatus)(status);
            throw new InvalidOperationException("ONNX Runtime: " + message);
        }
    }

    private static OrtApi* Load()
    {
        // The managed API finds and initialises the library first; this then gets the same one.
        _ = OrtEnv.Instance();
        OrtApiBase* apiBase = OrtGetApiBase();
        var api = (OrtApi*)((delegate* unmanaged<uint, nint>)apiBase->GetApi)(NativeOperator.ApiVersion);
        return api is not null ? api : throw new NotSupportedException($"ONNX Runtime lacks API version {NativeOperator.ApiVersion}.");
    }

    [LibraryImport("onnxruntime")]
    private static partial OrtApiBase* OrtGetApiBase();
}
