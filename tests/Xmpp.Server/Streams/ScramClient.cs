using System.Security.Cryptography;
using System.Text;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>The client's side of SASL by the RFCs' formulas.</summary>
internal static class ScramClient
{
    public const string Sasl = "urn:ietf:params:xml:ns:xmpp-sasl";

    /// <summary>Runs SCRAM; throws with the server's answer if it is not let in, and checks that the server knew the password.</summary>
    public static async Task RunAsync(TestClient client, string mechanism, string user, string password, string gs2 = "n,,", byte[]? binding = null)
    {
        var first = $"n={user},r=client";
        await client.WriteAsync($"<auth xmlns='{Sasl}' mechanism='{mechanism}'>{Base64(gs2 + first)}</auth>");
        var final = Final(mechanism, first, await AnswerAsync(client, "challenge"), password, gs2, binding ?? []);
        await client.WriteAsync($"<response xmlns='{Sasl}'>{Base64(final.Message)}</response>");
        Assert.Equal(final.Signature, await AnswerAsync(client, "success"));
    }

    /// <summary>The client's last message, and what the server must answer.</summary>
    public static (string Message, string Signature) Final(string mechanism, string first, string challenge, string password, string gs2, byte[] binding)
    {
        var (name, length) = mechanism.Split('-')[2] switch { "256" => (HashAlgorithmName.SHA256, 32), "512" => (HashAlgorithmName.SHA512, 64), _ => (HashAlgorithmName.SHA1, 20) };
        var fields = challenge.Split(',');
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, Convert.FromBase64String(fields[1][2..]), int.Parse(fields[2][2..], System.Globalization.CultureInfo.InvariantCulture), name, length);
        var clientKey = CryptographicOperations.HmacData(name, salted, "Client Key"u8);
        var withoutProof = $"c={Convert.ToBase64String([.. Encoding.UTF8.GetBytes(gs2), .. binding])},{fields[0]}";
        var signed = Encoding.UTF8.GetBytes($"{first},{challenge},{withoutProof}");
        var signature = CryptographicOperations.HmacData(name, CryptographicOperations.HashData(name, clientKey), signed);
        var proof = Convert.ToBase64String(clientKey.Zip(signature, (a, b) => (byte)(a ^ b)).ToArray());
        return ($"{withoutProof},p={proof}", "v=" + Convert.ToBase64String(CryptographicOperations.HmacData(name, CryptographicOperations.HmacData(name, salted, "Server Key"u8), signed)));
    }

    public static async Task<string> PlainAsync(TestClient client, string user, string password, string authzid = "")
    {
        await client.WriteAsync($"<auth xmlns='{Sasl}' mechanism='PLAIN'>{Base64($"{authzid}\0{user}\0{password}")}</auth>");
        return await client.ReadUntilAsync(">") is var answer && answer.Contains("failure", StringComparison.Ordinal) ? answer + await client.ReadUntilAsync("</failure>") : answer;
    }

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static async Task<string> AnswerAsync(TestClient client, string expected)
    {
        var answer = await client.ReadUntilAsync(">");
        if (!answer.StartsWith($"<{expected} ", StringComparison.Ordinal)) throw new InvalidOperationException(answer + await client.ReadUntilAsync("</failure>"));
        var text = await client.ReadUntilAsync($"</{expected}>");
        return Encoding.UTF8.GetString(Convert.FromBase64String(text[..^(expected.Length + 3)]));
    }
}
