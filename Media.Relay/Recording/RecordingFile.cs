using Parley.Media.Core.Recording;

namespace Parley.Media.Relay.Recording;

/// <summary>A file of a recording on the disk, readable by the server's own account only. It is made with its first bytes.</summary>
internal sealed class RecordingFile : IRepairableFile, IDisposable
{
    private readonly string _path;
    private readonly FileMode _mode;
    private FileStream? _stream;

    /// <summary>Makes a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mode">CreateNew to write one, Open to repair one.</param>
    public RecordingFile(string path, FileMode mode) => (_path, _mode) = (path, mode);

    /// <inheritdoc/>
    public long Length => Stream.Length;

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> bytes) => RandomAccess.Write(Stream.SafeFileHandle, bytes, Stream.Length);

    /// <inheritdoc/>
    public void Patch(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(Stream.SafeFileHandle, bytes, offset);

    /// <inheritdoc/>
    public int Read(long offset, Span<byte> to)
    {
        var total = 0;
        while (total < to.Length && RandomAccess.Read(Stream.SafeFileHandle, to[total..], offset + total) is > 0 and var count) total += count;
        return total;
    }

    /// <inheritdoc/>
    public void Truncate(long length) => RandomAccess.SetLength(Stream.SafeFileHandle, length);

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();

    private FileStream Stream => _stream ??= Open();

    private FileStream Open()
    {
        var options = new FileStreamOptions { Mode = _mode, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 };
        if (_mode != FileMode.Open && !OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(_path, options);
    }
}
