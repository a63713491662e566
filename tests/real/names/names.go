// Package names lets a process find the names of the suite's clusters without a name server.
package names

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// testDomain is the end of the names that the suite gives its clusters. RFC 6761 reserves it for tests, so no
// name server is asked and nobody needs to write to /etc/hosts.
const testDomain = ".test."

// Resolve lets this process find every name below testDomain at 127.0.0.1, and no other name but
// those of /etc/hosts: the servers need nothing that lies outside of this machine.
func Resolve() {
	net.DefaultResolver = &net.Resolver{
		PreferGo: true,
		Dial: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go answer(server)
			return client, nil
		},
	}
}

// answer serves one connection as a name server does over TCP: each message has its length before it.
func answer(connection net.Conn) {
	defer connection.Close()
	for {
		query, err := readMessage(connection)
		if err != nil {
			return
		}
		reply, err := replyTo(query)
		if err != nil {
			return
		}
		if _, err := connection.Write(binary.BigEndian.AppendUint16(nil, uint16(len(reply)))); err != nil {
			return
		}
		if _, err := connection.Write(reply); err != nil {
			return
		}
	}
}

func readMessage(reader io.Reader) (*dnsmessage.Message, error) {
	var length uint16
	if err := binary.Read(reader, binary.BigEndian, &length); err != nil {
		return nil, err
	}
	packed := make([]byte, length)
	if _, err := io.ReadFull(reader, packed); err != nil {
		return nil, err
	}
	message := new(dnsmessage.Message)
	return message, message.Unpack(packed)
}

func replyTo(query *dnsmessage.Message) ([]byte, error) {
	if len(query.Questions) != 1 {
		return nil, errors.New("one question expected")
	}
	question := query.Questions[0]
	reply := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: query.ID, Response: true, RecursionAvailable: true},
		Questions: query.Questions,
	}
	switch {
	case !strings.HasSuffix(strings.ToLower(question.Name.String()), testDomain):
		reply.RCode = dnsmessage.RCodeNameError
	case question.Type == dnsmessage.TypeA:
		reply.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: question.Name, Class: question.Class, TTL: 1},
			Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
		}}
	}
	return reply.Pack()
}
