using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Streams.Connections;

namespace Parley.Xmpp.Server.Streams;

/// <summary>What stands around the stanzas of a stream of any kind: its header, its last words and closing tag, each once; and the end of its connection.</summary>
internal sealed class StreamFrame(IXmppConnection connection, OutboundQueue outbound)
{
    private readonly Lock _gate = new();
    private bool _hasHeader;
    private bool _isClosing;

    /// <summary>Whether it has had its last words. What is closing takes nothing more.</summary>
    public bool IsClosing
    {
        get
        {
            lock (_gate) return _isClosing;
        }
    }

    /// <summary>Queues a header.</summary>
    public void Open(StreamHeader header)
    {
        lock (_gate) _hasHeader = true;
        outbound.Enqueue(connection.Format(header));
    }

    /// <summary>The stream begins anew.</summary>
    public void Restart(XmlStreamLimits limits)
    {
        lock (_gate) _hasHeader = false;
        connection.Restart(limits);
    }

    /// <summary>Ends the stream, unless it ends already, with these last words; nothing is written behind them.</summary>
    /// <param name="last">The last words.</param>
    /// <param name="self">The domain that speaks where no header was sent yet.</param>
    /// <param name="closing">Told that it ends.</param>
    public void Close(ReadOnlyMemory<byte>[] last, string self, Action closing)
    {
        lock (_gate)
        {
            if (_isClosing) return;
            _isClosing = true;
            // An error stands inside a stream, also one that has not begun (RFC 6120 section 4.9.1.2).
            if (!_hasHeader) last = [connection.Format(new StreamHeader(self, null, null, "1.0")), .. last];
        }

        closing();
        outbound.Close([.. last, connection.ClosingTag]);
    }

    /// <summary>Gives the connection back once all is written. Never throws: what fails is told.</summary>
    public async Task GiveBackAsync(Action<Exception> failed)
    {
        try
        {
            await outbound.Finished;
            // Cut, a write under way fails; the connection cannot be given back beside it.
            await outbound.QuietAsync();
            await connection.DisposeAsync();
        }
        catch (Exception e)
        {
            failed(e);
        }
    }

    /// <summary>Closes our side of the connection. Never throws: what fails is told, and what is not the connection's own end cuts it.</summary>
    public async Task HangUpAsync(Action cut, Action<Exception> failed)
    {
        try
        {
            await connection.HangUpAsync();
        }
        catch (Exception e)
        {
            failed(e);
            if (!ConnectionFaults.IsOfTheConnection(e)) cut();
        }
    }
}
