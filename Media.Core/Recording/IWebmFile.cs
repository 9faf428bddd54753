namespace Parley.Media.Core.Recording;

/// <summary>The file that a recording is written to; failures are the caller's exceptions, which pass through.</summary>
public interface IWebmFile
{
    /// <summary>Adds bytes at the end.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Writes over bytes that are there.</summary>
    void Patch(long offset, ReadOnlySpan<byte> bytes);
}

/// <summary>A file that is to be repaired.</summary>
public interface IRepairableFile : IWebmFile
{
    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads at an offset; fewer bytes than asked for only at the end.</summary>
    int Read(long offset, Span<byte> to);

    /// <summary>Cuts it.</summary>
    void Truncate(long length);
}
