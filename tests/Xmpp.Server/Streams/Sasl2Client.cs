using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>The client's side of the second SASL profile (XEP-0388), by hand.</summary>
internal static class Sasl2Client
{
    public const string Namespace = "urn:xmpp:sasl:2";

    public const string Installation = "d4565fa7-4d72-4749-b3d3-740edbf87770";

    /// <summary>Authenticates by PLAIN with whatever else is wanted; returns what comes, up to the features behind a success.</summary>
    public static Task<string> PlainAsync(TestClient client, string inline = "", string password = "secret", string? installation = Installation) =>
        SendAsync(client, "PLAIN", Encoding.UTF8.GetBytes($"\0ann\0{password}"), inline, installation);

    /// <summary>Authenticates by a token.</summary>
    public static Task<string> TokenAsync(TestClient client, string token, string inline = "", string mechanism = "HT-SHA-256-NONE", string fast = "", byte[]? binding = null, string? installation = Installation) =>
        SendAsync(client, mechanism, [.. "ann\0"u8, .. HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), (byte[])[.. "Initiator"u8, .. binding ?? []])], $"<fast xmlns='urn:xmpp:fast:0'{fast}/>{inline}", installation);

    public static async Task<string> SendAsync(TestClient client, string mechanism, byte[] response, string inline, string? installation = Installation)
    {
        var agent = installation is null ? "" : $"<user-agent id='{installation}'><software>x</software></user-agent>";
        await client.WriteAsync($"<authenticate xmlns='{Namespace}' mechanism='{mechanism}'><initial-response>{Convert.ToBase64String(response)}</initial-response>{agent}{inline}</authenticate>");
        return await OutcomeAsync(client);
    }

    public static async Task<string> OutcomeAsync(TestClient client)
    {
        var first = await client.ReadUntilAsync(">");
        if (first.StartsWith("<failure", StringComparison.Ordinal)) return first + await client.ReadUntilAsync("</failure>");
        return first + await client.ReadUntilAsync("</stream:features>");
    }

    public static string Jid(string success) => Regex.Match(success, "<authorization-identifier>([^<]*)<").Groups[1].Value;

    public static string Token(string success) => Regex.Match(success, " token='([^']*)'").Groups[1].Value;
}
