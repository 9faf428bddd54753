using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugin.Abstractions;

/// <summary>Answers IQ requests of one payload.</summary>
public interface IIqHandler
{
    /// <summary>Answers one request. An exception is logged and answered by <c>internal-server-error</c>.</summary>
    ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct);
}

/// <summary>An IQ of type get or set on its way to a handler.</summary>
/// <param name="Iq">The stanza.</param>
/// <param name="Sender">Who asks: what the server knows of them.</param>
/// <param name="Domain">The served domain that is asked (for a component: the domain that it belongs to).</param>
public sealed record IqRequest(Iq Iq, SenderInfo Sender, string Domain)
{
    /// <summary>The single child.</summary>
    public Element Payload => Iq.Payload!;

    /// <summary>Who asks.</summary>
    public Jid From => Iq.From!;

    /// <summary>Who is asked. An IQ without <c>to</c> asks the sender's own account.</summary>
    public Jid To => Iq.To ?? Iq.From!.Bare;

    /// <summary>A positive answer, with or without a payload.</summary>
    public IqReply Result(Element? payload = null) => new(Iq.Result(payload));

    /// <summary>A refusal.</summary>
    public IqReply Error(StanzaCondition condition, string? text = null, Element? application = null) => new((Iq)Iq.ErrorReply(new StanzaError(condition, text, application)));

    /// <summary>A refusal with an explicit type.</summary>
    public IqReply Error(StanzaError error) => new((Iq)Iq.ErrorReply(error));
}

/// <summary>A handler's answer.</summary>
/// <param name="Iq">The stanza to send; null if the handler will send it itself by <see cref="IStanzaRouter"/>.</param>
public readonly record struct IqReply(Iq? Iq)
{
    /// <summary>The handler answers later, by itself.</summary>
    public static IqReply Later => default;
}

/// <summary>What kind of entity a stanza comes from.</summary>
public enum SenderKind
{
    /// <summary>An account of this server.</summary>
    Account,
    /// <summary>An anonymous guest of this server.</summary>
    Guest,
    /// <summary>A component or plugin of this server.</summary>
    Component,
    /// <summary>Somebody on another server.</summary>
    Remote,
}

/// <summary>What the server knows of a sender.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="SessionId">The local session's unique id; null for others.</param>
/// <param name="RemoteAddress">The network address of a local session; null for others.</param>
public sealed record SenderInfo(SenderKind Kind, string? SessionId = null, System.Net.IPAddress? RemoteAddress = null);
