using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Push;

/// <summary>What an app server is told: how many messages wait, and where the operator wants it, who wrote last.</summary>
internal sealed record Notification(Registration Registration, int Messages, Jid? Sender);

/// <summary>What became of a notification.</summary>
internal enum PushOutcome
{
    /// <summary>The app server has it.</summary>
    Taken,
    /// <summary>It may work later.</summary>
    Failed,
    /// <summary>It never will: the registration is void.</summary>
    Refused,
}

/// <summary>Publishes notifications to app servers (XEP-0357 section 7).</summary>
internal sealed class PushSender(IIqClient iqs)
{
    private const string PubSub = "http://jabber.org/protocol/pubsub", Summary = "urn:xmpp:push:summary";

    /// <summary>Sends one.</summary>
    public async Task<PushOutcome> SendAsync(Notification notification, CancellationToken ct)
    {
        var registration = notification.Registration;
        var answer = await iqs.RequestAsync("set", registration.Account, registration.Service, Payload(notification), ct: ct);
        return answer.IsError ? Judge(StanzaError.Of(answer)) : PushOutcome.Taken;
    }

    // The app server says that it knows nothing of the client, or wants nothing of us. Whatever can pass may pass.
    private static PushOutcome Judge(StanzaError error) => error.Condition switch
    {
        StanzaCondition.ItemNotFound or StanzaCondition.Forbidden or StanzaCondition.NotAllowed or StanzaCondition.NotAuthorized or StanzaCondition.Gone
            or StanzaCondition.NotAcceptable or StanzaCondition.BadRequest or StanzaCondition.FeatureNotImplemented or StanzaCondition.RegistrationRequired => PushOutcome.Refused,
        _ => PushOutcome.Failed,
    };

    private static Element Payload(Notification notification)
    {
        var form = new DataForm("submit", Summary).Add("message-count", "text-single", notification.Messages.ToString(CultureInfo.InvariantCulture));
        if (notification.Sender is { } sender) form.Add("last-message-sender", "jid-single", sender.ToString());
        var item = new Element("item", PubSub).Add(new Element("notification", PushPlugin.Namespace).Add(form.ToElement()));
        var pubsub = new Element("pubsub", PubSub).Add("publish", p => p.Attr("node", notification.Registration.Node is { Length: > 0 } node ? node : null).Add(item));
        return notification.Registration.Options is { } options ? pubsub.Add("publish-options", p => p.Add(options)) : pubsub;
    }
}
