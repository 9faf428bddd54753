using Parley.Media.Core.Recording;

namespace Parley.tests.Media.Core.Recording;

/// <summary>A file on the disk that goes with the test.</summary>
internal sealed class TestFile : IRepairableFile, IDisposable
{
    private readonly FileStream _stream;

    public TestFile(string? copyOf = null, long? length = null)
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"parley-{Guid.NewGuid():N}.webm");
        if (copyOf is not null) File.Copy(copyOf, Path);
        _stream = new FileStream(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        if (length is { } cut) _stream.SetLength(cut);
    }

    public string Path { get; }

    public long Length => _stream.Length;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _stream.Seek(0, SeekOrigin.End);
        _stream.Write(bytes);
    }

    public void Patch(long offset, ReadOnlySpan<byte> bytes)
    {
        Assert.True(offset + bytes.Length <= _stream.Length, "a patch beyond the end");
        _stream.Position = offset;
        _stream.Write(bytes);
    }

    public int Read(long offset, Span<byte> to)
    {
        _stream.Position = offset;
        return _stream.ReadAtLeast(to, to.Length, throwOnEndOfStream: false);
    }

    public void Truncate(long length) => _stream.SetLength(length);

    public void Dispose()
    {
        _stream.Dispose();
        File.Delete(Path);
    }
}
