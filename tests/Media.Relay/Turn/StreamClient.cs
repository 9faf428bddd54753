using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Parley.Media.Core.Turn;
using Parley.tests.Media.Core.Turn;

namespace Parley.tests.Media.Relay.Turn;

/// <summary>A client on a connection made of two pipes, as Kestrel would give it.</summary>
internal sealed class StreamClient : IDuplexPipe, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // As Kestrel bounds what it has not sent yet.
    private readonly Pipe _toServer = new(), _toClient = new(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));

    public StreamClient(TurnHost host, IPEndPoint from, bool isTls) =>
        Served = Task.Run(() => host.Relay.ServeAsync(this, from, new IPEndPoint(host.Address, 3478), isTls, Abort));

    /// <summary>Ends when the server has let go.</summary>
    public Task Served { get; }

    public bool IsAborted { get; private set; }

    PipeReader IDuplexPipe.Input => _toServer.Reader;

    PipeWriter IDuplexPipe.Output => _toClient.Writer;

    /// <summary>A user on it.</summary>
    public TurnClient As(string name)
    {
        var username = TurnHost.UsernameOf(name, TimeSpan.FromHours(1));
        return new TurnClient(Exchange, username, TurnHost.PasswordOf(username));
    }

    /// <summary>Sends some bytes; fails where the server does not read.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        _toServer.Writer.Write(bytes);
        var flush = _toServer.Writer.FlushAsync().AsTask();
        Assert.True(flush.Wait(Patience), "The server does not read.");
    }

    /// <summary>The next message; fails after 5 s, or where the stream ends.</summary>
    public byte[] Receive()
    {
        using var over = new CancellationTokenSource(Patience);
        while (true)
        {
            var read = _toClient.Reader.ReadAsync(over.Token).AsTask().GetAwaiter().GetResult();
            if (read.Buffer.Length >= 8)
            {
                var length = TurnDeframer.Measure(read.Buffer.Slice(0, 8).ToArray());
                Assert.True(length > 0, "The stream carries something else.");
                if (read.Buffer.Length >= length)
                {
                    var message = read.Buffer.Slice(0, length).ToArray();
                    _toClient.Reader.AdvanceTo(read.Buffer.GetPosition(length));
                    return message;
                }
            }

            Assert.False(read.IsCompleted, "The stream ended.");
            _toClient.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public byte[] Exchange(byte[] request)
    {
        Send(request);
        return Receive();
    }

    /// <summary>Sends many bytes, as fast as they are taken.</summary>
    public async Task SendAllAsync(ReadOnlyMemory<byte> bytes)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, 30_000)..]) await _toServer.Writer.WriteAsync(bytes[..Math.Min(bytes.Length, 30_000)]);
    }

    /// <summary>So many bytes, whatever they are.</summary>
    public async Task<byte[]> ReadAsync(int count)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var read = await _toClient.Reader.ReadAsync(over.Token);
            var taken = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, count - at));
            taken.CopyTo(bytes.AsSpan(at));
            at += (int)taken.Length;
            Assert.True(at == count || !read.IsCompleted, "The stream ended.");
            _toClient.Reader.AdvanceTo(taken.End);
        }

        return bytes;
    }

    /// <summary>Hangs up.</summary>
    public void Close() => _toServer.Writer.Complete();

    public void Dispose()
    {
        Close();
        Assert.True(Served.Wait(Patience), "The server does not let go.");
    }

    private void Abort()
    {
        IsAborted = true;
        _toServer.Writer.Complete(new IOException("aborted"));
        _toClient.Reader.Complete();
    }
}
