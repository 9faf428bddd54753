using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Parley.tests.Plays.Engine;

/// <summary>A transport for Kestrel that is memory alone: whatever the server listens on can be reached without a socket.</summary>
internal sealed class MemoryTransport : IConnectionListenerFactory
{
    private readonly ConcurrentDictionary<int, Listener> _listeners = [];

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        // Of the addresses of one port the first is what people come to.
        var listener = new Listener((IPEndPoint)endpoint);
        _listeners.TryAdd(listener.Address.Port, listener);
        return new(listener);
    }

    /// <summary>Connects to a port.</summary>
    public Stream Connect(int port)
    {
        var listener = _listeners.GetValueOrDefault(port) ?? throw new IOException($"nobody listens on {port}");
        var (up, down) = (new Pipe(), new Pipe());
        listener.Arrive(new MemoryConnection(new Duplex(up.Reader, down.Writer), listener.Address));
        return new MemoryStream(down.Reader, up.Writer);
    }

    private sealed class Listener(IPEndPoint address) : IConnectionListener
    {
        private readonly Channel<ConnectionContext> _arrived = Channel.CreateUnbounded<ConnectionContext>();

        public IPEndPoint Address => address;

        public EndPoint EndPoint => address;

        public void Arrive(ConnectionContext connection)
        {
            if (!_arrived.Writer.TryWrite(connection)) throw new IOException("nobody listens any more");
        }

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await _arrived.Reader.WaitToReadAsync(cancellationToken) && _arrived.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _arrived.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync(CancellationToken.None);
    }

    private sealed class MemoryConnection : DefaultConnectionContext
    {
        private readonly CancellationTokenSource _closed = new();

        public MemoryConnection(IDuplexPipe transport, IPEndPoint address) : base(Guid.NewGuid().ToString("N"))
        {
            Transport = transport;
            (LocalEndPoint, RemoteEndPoint) = (address, new IPEndPoint(IPAddress.Loopback, 5));
            ConnectionClosed = _closed.Token;
        }

        public override void Abort(ConnectionAbortedException abortReason)
        {
            // Whoever waits for it goes on elsewhere, not in the midst of whoever aborts.
            _ = _closed.CancelAsync();
            Transport.Input.CancelPendingRead();
            Transport.Output.CancelPendingFlush();
        }

#pragma warning disable CA2215 // What the base would dispose of may still be telling others that it was aborted.
        public override async ValueTask DisposeAsync()
#pragma warning restore CA2215
        {
            await Transport.Output.CompleteAsync();
            await Transport.Input.CompleteAsync();
            await _closed.CancelAsync();
        }
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    // Both halves as one stream, whose end is seen on the other side.
    private sealed class MemoryStream(PipeReader reader, PipeWriter writer) : Stream
    {
        private readonly Stream _in = reader.AsStream(), _out = writer.AsStream();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => _out.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => _out.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => _in.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _in.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => _in.ReadAsync(buffer, offset, count, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => _out.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _out.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => _out.WriteAsync(buffer, offset, count, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            writer.Complete();
            reader.Complete();
            base.Dispose(disposing);
        }
    }
}
