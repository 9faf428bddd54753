using System.Security.Cryptography;
using System.Text;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plays.Engine;

/// <summary>The client's side of an authentication: RFC 6120's profile or, where something is wanted with it, XEP-0388's. What the server says last is left to be heard.</summary>
internal static class Login
{
    /// <summary>Runs it.</summary>
    /// <param name="actor">Who logs in.</param>
    /// <param name="mechanism">A kind of SCRAM or of HT.</param>
    /// <param name="user">The user name.</param>
    /// <param name="secret">The password or the token.</param>
    /// <param name="inline">What goes into <c>authenticate</c>; null for RFC 6120's profile.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task RunAsync(Actor actor, string mechanism, string user, string secret, IReadOnlyList<Element>? inline, CancellationToken ct)
    {
        var certificate = actor.Line.ServerCertificate?.GetRawCertData();
        if (mechanism.StartsWith("HT-", StringComparison.Ordinal))
        {
            byte[] binding = mechanism.EndsWith("-NONE", StringComparison.Ordinal) ? [] : SHA256.HashData(certificate ?? throw new PlayException("there is no TLS to bind to."));
            byte[] role = [.. "Initiator"u8, .. binding];
            await BeginAsync([.. Encoding.UTF8.GetBytes(user), 0, .. HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), role)]);
            return;
        }

        var scram = new Scram(mechanism, user, secret, mechanism.EndsWith("-PLUS", StringComparison.Ordinal) ? certificate : null);
        await BeginAsync(scram.First());
        var answer = await AnswerAsync(actor, ct);
        if (answer.Name == "challenge")
        {
            await actor.SendAsync(new Element("response", answer.Namespace).Text(Convert.ToBase64String(scram.Final(Convert.FromBase64String(answer.Value)))), ct);
            answer = await AnswerAsync(actor, ct);
            var proof = answer.Namespace == Ns.Sasl2 ? answer.Child("additional-data")?.Value : answer.Value;
            if (answer.Name == "success" && !scram.IsProven(Convert.FromBase64String(proof ?? ""))) throw new PlayException("the server has not proved that it knows the password.");
        }

        actor.PutBack(answer);

        Task BeginAsync(byte[] first) => actor.SendAsync(
            inline is null
                ? new Element("auth", Ns.Sasl).Attr("mechanism", mechanism).Text(Convert.ToBase64String(first))
                : new Element("authenticate", Ns.Sasl2).Attr("mechanism", mechanism).Add("initial-response", i => i.Text(Convert.ToBase64String(first))).Add(inline),
            ct);
    }

    // What came before, such as features, stays waiting.
    private static async Task<Element> AnswerAsync(Actor actor, CancellationToken ct)
    {
        var passed = new List<Element>();
        while (await actor.TakeAsync(ct) is { } element)
        {
            if (element.Name is "challenge" or "success" or "failure" or "continue")
            {
                actor.PutBack(passed);
                return element;
            }

            passed.Add(element);
        }

        throw new PlayException($"the stream ended ({actor.End}).");
    }
}
